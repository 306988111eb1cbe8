"""Whose turn it is: one request of each asker in a circle, and at most a share of the threads for one asker.

waitress serves in the order of arrival, so that whoever sends 64 requests at once makes everybody else wait for all of
them. Waiting here holds no thread.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from waitress.task import ThreadedTaskDispatcher

from crmtenant.services.identity.rate_limits import address_block
from crmtenant.serving.strict_http import TooManyWaiting

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import StrictChannel

#: Requests of one asker that may wait; more are refused at once, so that nobody fills all connections.
MAX_WAITING = 128


_block_of = lru_cache(4096)(address_block)


class Askers:
    """Tells whose request it is: a company's, where the token has been good before, or else of an address.

    So nobody has more turns by inventing tokens.
    """

    def __init__(self, company_of: Callable[[str], str | None], trusted_proxy: str | None) -> None:
        self._company_of = company_of
        self._trusted_proxy = trusted_proxy

    def of(self, channel: StrictChannel) -> Hashable:
        """Return whose the first request of this connection is."""
        headers = channel.requests[0].headers
        authorization = headers.get("AUTHORIZATION")
        company = self._company_of(authorization) if authorization else None
        return company or ("address", _block_of(self._address(channel.addr[0], headers)))

    def _address(self, peer: str, headers: Mapping[str, str]) -> str:
        forwarded = headers.get("X_FORWARDED_FOR") if peer == self._trusted_proxy else None
        return forwarded.rpartition(",")[2].strip() if forwarded else peer


class Turn(NamedTuple):
    """A request that may be served now, and whose it is."""

    asker: Hashable
    channel: StrictChannel


class TurnQueue:
    """The waiting requests. Not thread-safe: the dispatcher uses it under its lock."""

    def __init__(self, asker_of: Callable[[StrictChannel], Hashable]) -> None:
        self.share = 1
        self._asker_of = asker_of
        self._waiting: OrderedDict[Hashable, deque[StrictChannel]] = OrderedDict()
        self._served: Counter[Hashable] = Counter()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def append(self, channel: StrictChannel) -> None:
        """Let the first request of this connection wait for its turn, or mark it as refused."""
        asker = self._asker_of(channel)
        if len(self._waiting.get(asker, ())) >= MAX_WAITING:
            channel.requests[0].error = TooManyWaiting()
            asker = TooManyWaiting
        self._waiting.setdefault(asker, deque()).append(channel)
        self._count += 1

    def take(self) -> Turn | None:
        """Return the next request of whoever has waited longest for a turn and has a free share, or None."""
        for asker in self._waiting:
            if self._served[asker] < self.share:
                self._served[asker] += 1
                return Turn(asker, self._pop(asker))
        return None

    def give_back(self, asker: Hashable) -> None:
        """Free the part of the share that `take` gave to this asker."""
        self._served[asker] -= 1
        if not self._served[asker]:
            del self._served[asker]

    def popleft(self) -> StrictChannel:
        """Remove a request of whoever is first, to cancel it."""
        return self._pop(next(iter(self._waiting)))

    def _pop(self, asker: Hashable) -> StrictChannel:
        theirs = self._waiting[asker]
        channel = theirs.popleft()
        if theirs:
            self._waiting.move_to_end(asker)
        else:
            del self._waiting[asker]
        self._count -= 1
        return channel


class FairDispatcher(ThreadedTaskDispatcher):
    """Waitress's threads, serving in fair turns."""

    def __init__(self, asker_of: Callable[[StrictChannel], Hashable]) -> None:
        super().__init__()
        self.queue = TurnQueue(asker_of)

    def set_thread_count(self, count: int) -> None:
        """Start or stop threads until there are this many. One asker has at most half of them, and at least one."""
        self.queue.share = max(1, count // 2)
        super().set_thread_count(count)

    def handler_thread(self, thread_no: int) -> None:
        """Serve until the thread is to stop."""
        while (turn := self._next_turn(thread_no)) is not None:
            try:
                turn.channel.service()
            except BaseException:
                self.logger.exception("Exception when servicing %r", turn.channel)
            with self.lock:
                self.queue.give_back(turn.asker)

    def _next_turn(self, thread_no: int) -> Turn | None:
        with self.lock:
            while not self.stop_count:
                if (turn := self.queue.take()) is not None:
                    return turn
                self.active_count -= 1
                self.queue_cv.wait()
                self.active_count += 1
            self.active_count -= 1
            self.stop_count -= 1
            self.threads.discard(thread_no)
            self.thread_exit_cv.notify()
            return None
