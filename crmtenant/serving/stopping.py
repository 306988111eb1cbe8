"""Stopping without losing a request: who asks for it, and answering what was received before."""

from __future__ import annotations

import os
import select
import signal
import socket
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from waitress import wasyncore

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import Listener

_DRAIN_SECONDS = 9
_IDLE_SECONDS = 1


def stop_signals() -> set[signal.Signals]:
    """Return the signals that stop the server; a terminal that closes does not, where `nohup` has it ignored."""
    numbers = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
    return {number for number in numbers if signal.getsignal(number) is not signal.SIG_IGN}


class Signals:
    """Counts the signals to stop."""

    def __init__(self) -> None:
        self._caught = 0
        # Any thread may be the one that the system interrupts, but only this pipe wakes the one that waits.
        self._heard, self._told = os.pipe()
        os.set_blocking(self._told, False)

    @property
    def count(self) -> int:
        """How often somebody wanted to stop; the second time means: at once."""
        return self._caught

    def catch(self) -> None:
        """Install the handlers."""
        self._catch(stop_signals())

    def wait(self) -> None:
        """Return at the first signal."""
        while not self.count:
            self._sleep()

    def _catch(self, numbers: set[signal.Signals]) -> None:
        def handle(_number: int, _frame: FrameType | None) -> None:
            self._caught += 1

        signal.set_wakeup_fd(self._told)
        for number in numbers:
            signal.signal(number, handle)

    def _sleep(self) -> None:
        os.read(self._heard, 1)


class Orders(Signals):
    """Counts what the parent of this process orders, whose death is an order as well.

    SIGTERM counts as the first order only: systemd and terminals may send it to parent and children alike. For the same
    reason SIGINT and SIGHUP are the parent's business.
    """

    def __init__(self, line: socket.socket) -> None:
        super().__init__()
        self._line = line
        self._line.setblocking(False)
        self._ordered = 0
        self._wanting = select.poll()
        for descriptor in (self._heard, line.fileno()):
            self._wanting.register(descriptor, select.POLLIN)

    @property
    def count(self) -> int:
        """How often somebody wanted to stop."""
        self._listen()
        return max(self._ordered, min(self._caught, 1))

    def catch(self) -> None:
        """Install the handlers."""
        self._catch({signal.SIGTERM})
        for number in stop_signals() - {signal.SIGTERM}:
            signal.signal(number, _leave_it)

    def _listen(self) -> None:
        try:
            orders = self._line.recv(16)
        except BlockingIOError:
            return
        except ConnectionError:
            orders = b""
        self._ordered = self._ordered + len(orders) if orders else max(self._ordered, 1)

    def _sleep(self) -> None:
        self._wanting.poll()


def _leave_it(_number: int, _frame: FrameType | None) -> None:
    """Do nothing. Unlike what is ignored, it is not inherited by the programs that this process starts."""


def drain(sockets: dict[int, Any], listeners: Sequence[Listener], stopping: Signals) -> None:
    """Have the requests answered that were received before the first signal.

    A second signal, or the end of the time for draining, leaves the rest unanswered.
    """
    for listener in listeners:
        listener.stop_accepting()
    deadline = time.monotonic() + _DRAIN_SECONDS
    while stopping.count == 1 and time.monotonic() < deadline:
        wasyncore.poll2(0, sockets)
        for listener in listeners:
            listener.close_idle(before=time.time() - _IDLE_SECONDS)
        if not any(listener.active_channels for listener in listeners):
            return
        wasyncore.poll2(0.1, sockets)
