"""Which of several processes accepts a connection: one that has no more than the others, if it is not busy.

They poll the same sockets. A process that serves does not poll, so one that waits for something to do is there first.
The one that has more clients than another leaves a new one to the others for a moment; if nobody has taken it by then,
because they are all busy or one of them hangs, it takes it after all (ADR 30).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waitress import wasyncore

from crmtenant.serving.strict_http import Listener

if TYPE_CHECKING:
    from crmtenant.process_table import ProcessTable

#: More than a leader needs to see a connection, or a deputy to take its place.
LEFT_SECONDS = 0.02
# poll() counts in these, rounded down.
_MILLISECOND = 0.001


class Seat:
    """A process among those that accept from the same sockets."""

    def __init__(
        self,
        table: ProcessTable,
        number: int,
        database_connections: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._number = number
        self._database_connections = database_connections
        self._clock = clock
        self._clients = 0
        self._left_until = 0.0
        # how many connections all had accepted when this process left one to the others
        self._left_at: int | None = None
        self.listeners: list[Listener] = []

    def poll(self, seconds: float, sockets: dict[int, Any]) -> None:
        """Read what comes in, or wait for it; no longer than new connections are left to others."""
        self.tell()
        rest = self._rest()
        wasyncore.poll2(min(seconds, rest + _MILLISECOND) if rest else seconds, sockets)

    def tell(self) -> None:
        """Let the others know how many clients this process has."""
        self._clients = sum([len(listener.active_channels) for listener in self.listeners])
        self._table.write(self._number, self._clients, self._database_connections())

    def leave(self) -> None:
        """Count no more among those that accept."""
        self._table.remove(self._number)

    def looks(self) -> bool:
        """Return whether this process looks for new connections."""
        return not self._rest()

    def leaves_it(self) -> bool:
        """Return whether a connection that could be accepted is left to the others for now."""
        accepted = self._table.accepted()
        if self._clients <= self._table.fewest_clients() or self._left_at == accepted:
            self._left_at = None
            return False
        self._left_at = accepted
        self._left_until = self._clock() + LEFT_SECONDS
        return True

    def count_accepted(self) -> None:
        """Count a connection that this process has accepted."""
        self._table.count_accepted(self._number)
        self.tell()

    def _rest(self) -> float:
        return max(0.0, self._left_until - self._clock())


class SharedListener(Listener):
    """A listening socket that other processes accept from as well."""

    is_stopping = False

    def __init__(self, *arguments: Any, seat: Seat, **options: Any) -> None:
        self._seat = seat
        seat.listeners.append(self)
        super().__init__(*arguments, bind_socket=False, **options)

    def readable(self) -> bool:
        """Return whether a new connection can be accepted now."""
        return super().readable() and self._seat.looks()

    def handle_accept(self) -> None:
        """Accept a connection, or leave it to others."""
        if not self.is_stopping and self._seat.leaves_it():
            return
        before = len(self.active_channels)
        super().handle_accept()
        if len(self.active_channels) > before:
            self._seat.count_accepted()

    def stop_accepting(self) -> None:
        """Accept what nobody has accepted yet, and close the listening socket."""
        self.is_stopping = True
        super().stop_accepting()
        self._seat.leave()
