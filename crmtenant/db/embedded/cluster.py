"""A PostgreSQL cluster on disk: created, configured, started and stopped as the account that owns it."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from crmtenant.db.embedded import config_files, postmaster
from crmtenant.db.embedded.account import Account, current_user_name
from crmtenant.errors import OperatorError

_PAUSE_SECONDS = 0.05
_STOP_SECONDS = 60
_RECENT_LINES = 20
_OWN_PROVIDER_SINCE = 17
_PRIVATE_DIRECTORY = 0o040700


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data directory, the programs of its version and the directory of its socket."""

    directory: Path
    sockets: Path
    programs: Path
    account: Account
    major: int

    def initialise(self, *, fsync: bool) -> None:
        """Create the cluster if it is missing. Raises `OperatorError` for one of another major version."""
        if self.directory.exists():
            self._check_version()
            return
        unfinished = self.directory.with_suffix(".new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self.account.make_directory(unfinished)
        self._initdb(unfinished, fsync=fsync)
        configuration = unfinished / "postgresql.conf"
        included = configuration.read_text(encoding="utf-8") + f"\ninclude '{config_files.SETTINGS}'\n"
        self.account.write(configuration, included)
        # Only a complete cluster gets the name, so a start that was killed during initdb begins again.
        unfinished.rename(self.directory)

    def configure(self, catalog_database: str, *, max_connections: int, fsync: bool) -> None:
        """Write the server's settings and the files of its client authentication."""
        self._make_socket_directory()
        settings = config_files.settings(self.sockets, max_connections=max_connections, fsync=fsync)
        texts = {
            "pg_hba.conf": config_files.host_based_authentication(catalog_database),
            "pg_ident.conf": config_files.operators({self.account.name, current_user_name(), "root"}),
            config_files.SETTINGS: settings,
        }
        for name, text in texts.items():
            # On a full disk, writing would leave an empty file.
            if not _holds(self.directory / name, text):
                self.account.write(self.directory / name, text)

    def start(self, deadline: float) -> bool:
        """Start the server unless it runs, and return whether it accepts connections before the deadline.

        `deadline` is a value of `time.monotonic`.
        """
        while time.monotonic() < deadline:
            if not postmaster.is_running(self.directory):
                self._launch(deadline)
            elif postmaster.is_ready(self.directory):
                return self._control("reload")
            else:
                time.sleep(_PAUSE_SECONDS)
        return False

    def stop(self) -> None:
        """Stop the server and remove its socket directory."""
        for mode in ("fast", "immediate"):
            if postmaster.is_running(self.directory):
                self._control("stop", "-m", mode, "-w", "-t", str(_STOP_SECONDS))
        shutil.rmtree(self.sockets, ignore_errors=True)

    def last_log_line(self) -> str:
        """Return the last line of the server's log."""
        return _last(self._recent_lines())

    def _recent_lines(self) -> list[str]:
        """Return the ends of the log of the last start and of the newest log after it, in the order of time."""
        logs = [self.directory / "start.log", *(self.directory / "log").glob("*.log")]
        newest_last = sorted((log for log in logs if log.exists()), key=lambda log: log.stat().st_mtime)
        texts = (log.read_text(encoding="utf-8", errors="replace") for log in newest_last[-2:])
        return [line for text in texts for line in text.splitlines()[-_RECENT_LINES:]]

    def _check_version(self) -> None:
        found = (self.directory / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != str(self.major):
            raise OperatorError(
                f"The data in {self.directory} was written by PostgreSQL {found}, and this program runs"
                f" PostgreSQL {self.major}; dump it with the old version, or choose another"
                " crmtenant.data_dir."
            )

    def _initdb(self, directory: Path, *, fsync: bool) -> None:
        # Text is compared by code point: by PostgreSQL's own collation where it has one, else by the C library's.
        collation = ("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8")
        result = self.account.run(
            self.programs / "initdb",
            *("--pgdata", directory, "--username", config_files.SUPERUSER, "--data-checksums"),
            *("--auth-local", "peer", "--auth-host", "reject"),
            *("--encoding", "UTF8", "--locale", "C.UTF-8", "--lc-messages", "C"),
            *(collation if self.major >= _OWN_PROVIDER_SINCE else ()),
            *(() if fsync else ("--no-sync",)),
        )
        if result.returncode:
            raise OperatorError(
                f"The data directory of PostgreSQL could not be created: {_last(result.stderr.strip().splitlines())}"
            )

    def _make_socket_directory(self) -> None:
        if not os.path.lexists(self.sockets):
            self.account.make_directory(self.sockets)
        found = self.sockets.lstat()
        # Another user's directory in /tmp would let that user impersonate the server.
        if found.st_uid != self.account.uid or found.st_mode != _PRIVATE_DIRECTORY:
            raise OperatorError(f"{self.sockets} already exists and belongs to somebody else; remove it.")

    def _launch(self, deadline: float) -> None:
        """Start the server. Returns without it running if another attempt may succeed; else raises `OperatorError`."""
        postmaster.remove_stale(self.directory)
        self._clear_sockets()
        log = self.directory / "start.log"
        self.account.write(log, "")
        rest = str(max(1, int(deadline - time.monotonic())))
        if self._control("start", "-w", "-t", rest, "-l", str(log)) or postmaster.is_running(self.directory):
            return
        lines = self._recent_lines()
        # After a kill -9, processes of the old server may hold its shared memory a moment longer.
        # initdb set lc_messages, so the message is English everywhere.
        if any("still in use" in line for line in lines):
            time.sleep(_PAUSE_SECONDS)
            return
        fatal = [line for line in lines if "FATAL" in line or "PANIC" in line]
        raise OperatorError(f"PostgreSQL could not be started: {_last(fatal or lines)}")

    def _clear_sockets(self) -> None:
        # The lock file of a killed server names a process id that may have been reused, or belongs to a zombie.
        for stale in self.sockets.iterdir():
            stale.unlink()

    def _control(self, *arguments: str) -> bool:
        return self.account.run(self.programs / "pg_ctl", "-D", self.directory, *arguments).returncode == 0


def _holds(file: Path, text: str) -> bool:
    try:
        return file.read_text(encoding="utf-8") == text
    except OSError:
        return False


def _last(lines: list[str]) -> str:
    return lines[-1] if lines else "(nothing)"
