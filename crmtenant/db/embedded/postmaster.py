"""The PostgreSQL server process of a data directory, by its postmaster.pid."""

from __future__ import annotations

import socket
from pathlib import Path

_FILE = "postmaster.pid"
# Line numbers of postmaster.pid, from PostgreSQL's src/include/utils/pidfile.h.
_PID, _DIRECTORY, _STARTED, _PORT, _SOCKETS, _LISTENING, _MEMORY, _STATUS = range(8)


def is_running(cluster: Path) -> bool:
    """Return whether the process named in the file runs and is the server of this directory."""
    pid = _pid(cluster)
    return pid is not None and _serves(pid, cluster)


def is_ready(cluster: Path) -> bool:
    """Return whether the file says that connections are accepted. A killed server leaves it behind."""
    lines = _lines(cluster)
    return len(lines) > _STATUS and lines[_STATUS].strip() == "ready"


def accepts_connections(cluster: Path) -> bool:
    """Return whether a server that says it is ready accepts connections on its socket."""
    lines = _lines(cluster)
    if not is_ready(cluster):
        return False
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(Path(lines[_SOCKETS]) / f".s.PGSQL.{lines[_PORT]}"))
        except OSError:
            return False
    return True


def remove_stale(cluster: Path) -> None:
    """Remove a file that is empty or names a running process other than this server.

    Process ids are reused, in a restarted container almost always, and PostgreSQL then refuses to start. Its shared
    memory still prevents a second server on the same data.
    """
    pid = _pid(cluster)
    if pid is None or (Path(f"/proc/{pid}").exists() and not _serves(pid, cluster)):
        (cluster / _FILE).unlink(missing_ok=True)


def _lines(cluster: Path) -> list[str]:
    try:
        return (cluster / _FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []


def _pid(cluster: Path) -> int | None:
    lines = _lines(cluster)
    return int(lines[_PID]) if lines and lines[_PID].isdecimal() else None


def _serves(pid: int, cluster: Path) -> bool:
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        directory = arguments[arguments.index(b"-D") + 1]
        return b"postgres" in arguments[0] and Path(directory.decode()).samefile(cluster)
    except (OSError, ValueError, IndexError):
        return False
