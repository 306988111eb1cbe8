"""How the connections of a server lie on its processes, as the system tells it (proc(5))."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_ESTABLISHED = "01"


def children_of(pid: int) -> list[int]:
    """Return the processes that this one has forked."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def clients_by_process(pid: int, port: int) -> dict[int, list[int]]:
    """Return the ports of the clients that each child of `pid` is connected with, if it is with any."""
    sockets = _clients(port)
    found = {child: [sockets[name] for name in _open(child) if name in sockets] for child in children_of(pid)}
    return {child: clients for child, clients in found.items() if clients}


def _clients(port: int) -> dict[str, int]:
    """Return the client's port of every connection to this port, by the name of our socket."""
    found = {}
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        if state == _ESTABLISHED and int(local.rpartition(":")[2], 16) == port:
            found[f"socket:[{inode}]"] = int(remote.rpartition(":")[2], 16)
    return found


def _open(pid: int) -> list[str]:
    names = []
    with suppress(FileNotFoundError):
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(FileNotFoundError):
                names.append(str(descriptor.readlink()))
    return names
