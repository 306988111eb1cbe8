"""A child of the supervisor: a process that works until it is told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from crmtenant.db.pool.connection import has_input
from crmtenant.serving.stopping import Orders, stop_signals

#: What a child does: until the orders say that it shall stop. It calls the function when it has begun, with what its
#: parent shall tell.
Work = Callable[[Orders, Callable[[Sequence[str]], None]], None]

#: A child that lived so long is started again at once; else it takes twice as long every time.
_LONG_LIFE_SECONDS = 10.0
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 30.0
_COMM = Path("/proc/self/comm")
_COMM_BYTES = 15


class Child:
    """A place that one process after the other has: when one ends, the next is forked."""

    def __init__(
        self,
        name: str,
        work: Work,
        on_end: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.pid: int | None = None
        self.begin_at = 0.0
        self._work = work
        self._on_end = on_end
        self._clock = clock
        self._line: socket.socket | None = None
        self._forked_at = clock()
        self._short_lives = 0
        self._said = b""

    def fork(self, others: Iterable[Child]) -> None:
        """Start the process. The calling process may have no threads, and has the signals to stop blocked."""
        self._line, end = socket.socketpair()
        self._forked_at = self._clock()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            self._be(end, others)
        end.close()
        self.pid = pid

    def order(self) -> None:
        """Tell the process to stop; a second time: at once."""
        if self._line is not None:
            with suppress(OSError):
                self._line.send(b"!")

    def kill(self) -> None:
        """End the process."""
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)

    def reap(self) -> int | None:
        """Return how the process ended, as an exit code or a negative signal, if it did."""
        if self.pid is None:
            return None
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if not pid:
            return None
        self.pid = None
        self.hang_up()
        self._on_end()
        self.postpone()
        return os.waitstatus_to_exitcode(status)

    def heard(self) -> list[str] | None:
        """Return what the process has to tell, or None as long as it has not begun. Does not wait for it."""
        if self._line is None or not has_input(self._line.fileno()):
            return None
        with suppress(ConnectionError):
            self._said += self._line.recv(65_536)
        return json.loads(self._said) if self._said.endswith(b"\n") else None

    def postpone(self) -> None:
        """Let some time pass before the next process, the more the less the last ones lived."""
        now = self._clock()
        self._short_lives = 0 if now - self._forked_at >= _LONG_LIFE_SECONDS else self._short_lives + 1
        pause = _FIRST_PAUSE_SECONDS * 2 ** min(self._short_lives - 1, 20) if self._short_lives else 0.0
        self.begin_at = now + min(_LONGEST_PAUSE_SECONDS, pause)

    def hang_up(self) -> None:
        """Close the line to the process, which is an order to stop once nobody else has it open."""
        if self._line is not None:
            self._line.close()
            self._line = None
        self._said = b""

    def _be(self, end: socket.socket, others: Iterable[Child]) -> None:
        """Be the process. Nothing of the parent's may run here, however this ends."""
        code = 1
        try:
            # Or nobody would notice that the parent has ended.
            for child in {self, *others}:
                child.hang_up()
            with suppress(OSError):
                _COMM.write_text(self.name[:_COMM_BYTES])
            orders = Orders(end)
            orders.catch()
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {*stop_signals(), signal.SIGCHLD})
            self._work(orders, lambda said: end.sendall(json.dumps(list(said)).encode() + b"\n"))
            code = 0
        except BaseException:  # noqa: BLE001 (it must not reach what the parent is in the middle of)
            sys.excepthook(*sys.exc_info())
        finally:
            with suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)
