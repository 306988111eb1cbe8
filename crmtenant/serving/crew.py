"""The threads that serve: whoever reads a request serves it.

One thread leads: it reads what came in, and serves the requests one after the other, in fair turns. So a short request is
never handed to another thread and back, which costs more than reading a contact does. When a request lasts longer than a
few milliseconds, a deputy, who has waited for nothing else, takes the lead, and the thread finishes its request at its
ease. Nobody leads and serves while there is no deputy, so somebody always reads what comes in; only what waits for
nothing, the check of health, is served then.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from threading import get_ident
from typing import TYPE_CHECKING

import structlog

from crmtenant.serving.alarm import Alarm

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import StrictChannel
    from crmtenant.serving.turns import Turn, TurnQueue

#: A request that lasts longer no longer holds up the reading of others.
LONG_SECONDS = 0.002
#: After so much serving, the leader looks whether something came in.
_LOOK_SECONDS = 0.001
_POLL_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Crew:
    """Threads that read and serve: as many as may serve at the same time, and one that reads meanwhile."""

    def __init__(self, queue: TurnQueue, poll: Callable[[float], None]) -> None:
        self._queue = queue
        self._poll = poll
        self._wake: Callable[[], None] = lambda: None
        self._alarm = Alarm(LONG_SECONDS)
        self._deputy = threading.Lock()
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._leader: int | None = None
        self._standing_by = 0
        self._is_serving = False  # the leader
        self._is_polling = False
        self._is_relieved = False
        self._is_stopping = False

    def start(self, count: int, wake: Callable[[], None]) -> None:
        """Start to serve, at most `count` requests at the same time. `wake` ends a poll."""
        self._wake = wake
        self._standing_by = count + 1
        self._threads = [
            threading.Thread(target=self._work, name=f"serving-{number}", daemon=True)
            for number in range(count + 1)
        ]
        for thread in self._threads:
            thread.start()

    def is_led_by_me(self) -> bool:
        """Return whether this thread leads, and so will look for itself what has changed."""
        return self._leader == get_ident()

    def add_task(self, channel: StrictChannel) -> None:
        """Let the first request of this connection wait for its turn."""
        with self._changed:
            self._queue.append(channel)
            if self._is_relieved:
                self._changed.notify()

    def refuse_late(self) -> None:
        """Answer the long work that has waited for its turn for too long."""
        with self._changed:
            if self._queue.refuse_late() and self._is_relieved:
                self._changed.notify()

    def relieve(self) -> None:
        """Take the lead for the calling thread, which polls from now on; the crew only serves."""
        with self._changed:
            self._wake()
            self._is_relieved = True
            self._leader = get_ident()
            self._alarm.ring()
            while self._is_polling:
                self._changed.wait()
            self._changed.notify_all()

    def stop(self, timeout_seconds: float) -> None:
        """End the threads of a crew that was relieved. What still waits, or lasts longer than this, is not answered."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        deadline = time.monotonic() + timeout_seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        with self._changed:
            while self._queue:
                self._queue.popleft().cancel()

    def _work(self) -> None:
        while self._take_the_lead():
            self._lead()
        self._follow()

    # Leading

    def _take_the_lead(self) -> bool:
        """Stand by until the lead is free or its holder serves for long. False when the crew is relieved."""
        with self._deputy:
            while True:
                with self._changed:
                    if self._is_relieved:
                        return False
                    if self._leader is None or self._is_serving:
                        self._leader = get_ident()
                        self._is_serving = False
                        self._standing_by -= 1
                        return True
                self._alarm.wait()

    def _lead(self) -> None:
        """Read and serve until another thread has taken the lead."""
        look_at = 0.0
        while True:
            turn = self._turn_of_leader()
            if turn is not None and not self._serve_leading(turn):
                return
            if turn is None or time.monotonic() > look_at:
                if not self._look(_POLL_SECONDS if turn is None else 0):
                    return
                look_at = time.monotonic() + _LOOK_SECONDS

    def _turn_of_leader(self) -> Turn | None:
        """Return the next turn, if there is a deputy to take the lead while it lasts, or if it lasts no time."""
        with self._changed:
            turn = self._queue.take() if self._standing_by else self._queue.take_quick()
            if turn is not None and self.is_led_by_me():
                self._is_serving = True
                self._alarm.ring() if turn.is_long else self._alarm.set()
            return turn

    def _serve_leading(self, turn: Turn) -> bool:
        """Serve and return whether this thread still leads."""
        self._serve(turn)
        with self._changed:
            self._queue.give_back(turn)
            if self.is_led_by_me():
                self._is_serving = False
                self._alarm.cancel()
                return True
            self._standing_by += 1
            is_awaited = bool(self._queue)
        if is_awaited:
            self._wake()
        return False

    def _look(self, wait_seconds: float) -> bool:
        """Read what came in, or wait for it. Returns whether this thread still leads."""
        with self._changed:
            if not self.is_led_by_me():
                return False
            self._is_polling = True
        try:
            self._poll(wait_seconds)
        except Exception:
            log.exception("poll_failed")
            time.sleep(_LOOK_SECONDS)
        with self._changed:
            self._is_polling = False
            if self._is_relieved:
                self._changed.notify_all()
            return self.is_led_by_me()

    # Following whoever relieved the crew

    def _follow(self) -> None:
        while (turn := self._next_turn()) is not None:
            self._serve(turn)
            with self._changed:
                self._queue.give_back(turn)

    def _next_turn(self) -> Turn | None:
        with self._changed:
            while not self._is_stopping:
                if (turn := self._queue.take()) is not None:
                    return turn
                self._changed.wait()
            return None

    @staticmethod
    def _serve(turn: Turn) -> None:
        try:
            turn.channel.service()
        except BaseException:
            log.exception("serving_failed")
