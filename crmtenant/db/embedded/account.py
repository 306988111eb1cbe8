"""The operating system user that PostgreSQL runs as, which may not be root."""

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
_FALLBACK = "crmtenant"
_ROOT = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of this machine. `is_other` is whether it is another user than that of this process."""

    name: str
    uid: int
    gid: int
    is_other: bool

    def run(self, *command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a command as this user, in a minimal environment, and return its result.

        Otherwise variables such as PGPORT, PGOPTIONS or LD_LIBRARY_PATH would reach the server.
        """
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        change = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}
        return subprocess.run(
            [str(part) for part in command],
            **{"cwd": "/", "env": environment, "text": True, "capture_output": True, **change, **options},
        )

    def can_enter(self, directory: Path) -> bool:
        """Return whether this user may enter the directory, whatever decides that (modes, groups, ACLs)."""
        return self.run("test", "-x", directory).returncode == 0

    def write(self, path: Path, text: str) -> None:
        """Write the text to the file, as this user: root must not follow links that others place there."""
        result = self.run("tee", path, input=text)
        if result.returncode:
            raise OperatorError(f"{path} cannot be written as the user {self.name}.")

    def make_directory(self, path: Path) -> None:
        """Create a private directory of this user."""
        path.mkdir(mode=0o700)
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(cluster: Path) -> Account:
    """Return the account that PostgreSQL runs as: ours, or, for root, the owner of the data or a system user.

    The system user is `postgres` where it exists, otherwise `crmtenant`, which is created if missing. It is never
    `nobody`: other programs that run as nobody could read all data.
    """
    if os.geteuid() != _ROOT:
        return _account(_by_uid(os.geteuid()), is_other=False)
    if cluster.exists() and cluster.stat().st_uid != _ROOT:
        return _account(_by_uid(cluster.stat().st_uid), is_other=True)
    return _account(_by_name(_PREFERRED) or _by_name(_FALLBACK) or _create_user(), is_other=True)


def current_user_name() -> str:
    """Return the name of the user that this process runs as."""
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


def _create_user() -> pwd.struct_passwd:
    program = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    options = ["--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
    if program:
        subprocess.run([program, *options, _FALLBACK], check=False, capture_output=True)
    entry = _by_name(_FALLBACK)
    if entry is None:
        raise OperatorError(
            f"PostgreSQL does not run as root, and the system user {_FALLBACK} could not be created;"
            " create it, or start crmtenant as an ordinary user."
        )
    return entry
