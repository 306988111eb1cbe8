"""What the tests of the embedded server share."""

from __future__ import annotations

import os
import pwd
import subprocess
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from crmtenant.db.embedded.server import EmbeddedServer
from crmtenant.db.pool.address import ServerAddress

MakeServer = Callable[..., EmbeddedServer]
TENANT, OTHER_TENANT = "t_" + "a" * 26, "t_" + "b" * 26

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


def scalar(address: ServerAddress, sql: str) -> object:
    connection = address.admin().connect()
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchone()[0] if cursor.description else None
    finally:
        connection.close()


def postmaster_pid(directory: Path) -> int:
    return int((directory / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def processes_of(directory: Path) -> list[str]:
    answer = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in answer.stdout.splitlines() if str(directory) in line]


def exit_code_as(user: pwd.struct_passwd, work: Callable[[], None]) -> int:
    """0 when the work was done by a child process of that user. A fork, for the interpreter may be root's."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            work()
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
