"""The operating system's user PostgreSQL runs as: it refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crmtenant.errors import OperatorError

_PREFERRED = "postgres"
_OUR_OWN = "crmtenant"
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Account:
    """One user of this machine, and whether we have to become that user first."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """What the command answered, run as this user, in a small environment of our own.

        Variables such as PGPORT, PGOPTIONS or LD_LIBRARY_PATH would otherwise reach the server.
        """
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        change = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}
        return subprocess.run(
            [str(part) for part in command],
            **{"cwd": "/", "env": environment, "text": True, "capture_output": True, **change, **options},
        )

    def can_enter(self, directory: Path) -> bool:
        """Whether this user may go through the directory, whatever decides that (modes, groups, ACLs)."""
        return self.run("test", "-x", directory).returncode == 0

    def write(self, path: Path, text: str) -> None:
        """Nothing comes back; the file holds the text and is this user's.

        Written as that user: root must not follow links somebody else may place in the user's directory.
        """
        answer = self.run("tee", path, input=text)
        if answer.returncode:
            raise OperatorError(f"{path} cannot be written as the user {self.name}.")

    def make_directory(self, path: Path) -> None:
        """Nothing comes back; the new directory is this user's alone."""
        path.mkdir(mode=0o700)
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(cluster: Path) -> Account:
    """Whom PostgreSQL runs as: us; when we are root, the owner of the data, or a system user.

    `postgres` where the machine has it, otherwise `crmtenant`, made when missing. Never `nobody`: whatever
    else runs as nobody could read every company's data.
    """
    if os.geteuid() != _ROOT:
        return _account(_by_uid(os.geteuid()), is_other=False)
    if cluster.exists() and cluster.stat().st_uid != _ROOT:
        return _account(_by_uid(cluster.stat().st_uid), is_other=True)
    return _account(_by_name(_PREFERRED) or _by_name(_OUR_OWN) or _made(), is_other=True)


def our_name() -> str:
    """The name of the user this process runs as."""
    return _by_uid(os.geteuid()).pw_name


def _account(entry: pwd.struct_passwd, *, is_other: bool) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid, is_other)


def _by_uid(uid: int) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        raise OperatorError(
            f"The user id {uid} has no name on this machine, and PostgreSQL needs one; add it to /etc/passwd."
        ) from None


def _by_name(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _made() -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    if program:
        subprocess.run([program, *options, _OUR_OWN], check=False, capture_output=True)
    entry = _by_name(_OUR_OWN)
    if entry is None:
        raise OperatorError(
            f"PostgreSQL does not run as root, and the system user {_OUR_OWN} could not be made;"
            " make it, or start crmtenant as an ordinary user."
        )
    return entry
