"""Whose turn it is: one request of each asker in a circle, and at most a share of the threads for one asker.

In the order of arrival, whoever sends 64 requests at once would make everybody else wait for all of them. Waiting here
holds no thread. Long work has a circle of its own: one at a time for one asker, and at most a share of the threads for
all of them together, so that there are always threads for what is short.
"""

from __future__ import annotations

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmtenant.services.identity.rate_limits import address_block
from crmtenant.serving.refusals import ComeBack, TooManyWaiting, WaitedTooLong

if TYPE_CHECKING:
    from crmtenant.serving.strict_http import StrictChannel

#: Requests of one asker that may wait; more are refused at once, so that nobody fills all connections.
MAX_WAITING = 128
#: Files of one asker that may wait, to be read or to be sent; each takes space on the disk.
MAX_FILES = 4
#: How long long work waits for its turn before it is told to come back.
LONG_WAIT_SECONDS = 120


_block_of = lru_cache(4096)(address_block)


class Askers:
    """Tells whose request it is: a company's, where the token has been good before, or else of an address.

    So nobody has more turns by inventing tokens. `signed_company_of` verifies a token that has not come before, which
    only long work is worth.
    """

    def __init__(
        self,
        company_of: Callable[[str], str | None],
        trusted_proxy: str | None,
        signed_company_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self._company_of = company_of
        self._trusted_proxy = trusted_proxy
        self._signed_company_of = signed_company_of

    def of(self, channel: StrictChannel, *, is_long: bool = False) -> Hashable:
        """Return whose the first request of this connection is."""
        headers = channel.requests[0].headers
        authorization = headers.get("AUTHORIZATION")
        company = self._company_of(authorization) if authorization else None
        if company is None and authorization and is_long:
            company = self._signed_company_of(authorization)
        return company or ("address", _block_of(self._address(channel.addr[0], headers)))

    def _address(self, peer: str, headers: Mapping[str, str]) -> str:
        forwarded = headers.get("X_FORWARDED_FOR") if peer == self._trusted_proxy else None
        return forwarded.rpartition(",")[2].strip() if forwarded else peer


class Turn(NamedTuple):
    """A request that may be served now, and whose it is."""

    asker: Hashable
    channel: StrictChannel
    is_long: bool = False


class _Quick(NamedTuple):
    """Whoever asks for what takes no time: it does not wait behind what else they ask for."""

    asker: Hashable


class TurnQueue:
    """The waiting requests. Not thread-safe: the crew uses it under its lock."""

    def __init__(
        self,
        askers: Askers,
        share: int,
        is_long: Callable[[StrictChannel], bool] = lambda _: False,
        is_quick: Callable[[StrictChannel], bool] = lambda _: False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._share = share
        self._askers = askers
        self._is_long = is_long
        self._is_quick = is_quick
        self._clock = clock
        self._waiting = _Circle()
        self._long = _Circle()
        self._served: Counter[Hashable] = Counter()
        self._at_long_work: set[Hashable] = set()
        self._sending: dict[Hashable, list[StrictChannel]] = {}

    def __len__(self) -> int:
        return len(self._waiting) + len(self._long)

    def append(self, channel: StrictChannel) -> None:
        """Let the first request of this connection wait for its turn, or mark it as refused."""
        is_long = self._is_long(channel)
        asker = self._askers.of(channel, is_long=is_long)
        if self._is_quick(channel):
            asker = _Quick(asker)
        circle = self._long if is_long else self._waiting
        if self._has_too_many(asker, circle):
            self._refuse(channel, TooManyWaiting())
        else:
            circle.append(asker, channel, self._clock())

    def take(self) -> Turn | None:
        """Return the next request of whoever has waited longest for a turn and has a free share, or None.

        Long work goes first: there are threads that it never gets.
        """
        return self._take_long() or self._take_from(self._waiting, self._waiting.askers(), is_long=False)

    def take_quick(self) -> Turn | None:
        """Return a request that is answered without waiting for anything, or None."""
        quick = (asker for asker in self._waiting.askers() if isinstance(asker, _Quick))
        return self._take_from(self._waiting, quick, is_long=False)

    def give_back(self, turn: Turn) -> None:
        """Free the part of the share that `take` gave to this asker."""
        self._served[turn.asker] -= 1
        if not self._served[turn.asker]:
            del self._served[turn.asker]
        if turn.is_long:
            self._at_long_work.discard(turn.asker)
            if turn.channel.total_outbufs_len:
                self._sending.setdefault(turn.asker, []).append(turn.channel)

    def refuse_late(self) -> bool:
        """Refuse the long work that has waited for too long. Returns whether there is such."""
        late = list(self._long.before(self._clock() - LONG_WAIT_SECONDS))
        for channel in late:
            self._refuse(channel, WaitedTooLong())
        return bool(late)

    def popleft(self) -> StrictChannel:
        """Remove a request of whoever is first, to cancel it."""
        circle = self._waiting if len(self._waiting) else self._long
        return circle.pop(next(circle.askers()))

    def _take_long(self) -> Turn | None:
        if len(self._at_long_work) >= self._share:
            return None
        free = (asker for asker in self._long.askers() if asker not in self._at_long_work)
        turn = self._take_from(self._long, free, is_long=True)
        if turn is not None:
            self._at_long_work.add(turn.asker)
        return turn

    def _take_from(self, circle: _Circle, askers: Iterator[Hashable], *, is_long: bool) -> Turn | None:
        for asker in askers:
            if self._served[asker] < self._share:
                self._served[asker] += 1
                return Turn(asker, circle.pop(asker), is_long)
        return None

    def _has_too_many(self, asker: Hashable, circle: _Circle) -> bool:
        if circle is self._waiting:
            return circle.count_of(asker) >= MAX_WAITING
        return circle.count_of(asker) + self._count_sending(asker) >= MAX_FILES

    def _count_sending(self, asker: Hashable) -> int:
        """Return how many files of this asker are still being sent."""
        sending = [channel for channel in self._sending.pop(asker, ()) if channel.total_outbufs_len]
        if sending:
            self._sending[asker] = sending
        return len(sending)

    def _refuse(self, channel: StrictChannel, error: ComeBack) -> None:
        channel.requests[0].error = error
        self._waiting.append(TooManyWaiting, channel, self._clock())


class _Circle:
    """The requests of all askers, each of whom goes behind the others after a turn."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[Hashable, deque[tuple[StrictChannel, float]]] = OrderedDict()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def askers(self) -> Iterator[Hashable]:
        """Yield who waits, the next one first."""
        return iter(self._waiting)

    def count_of(self, asker: Hashable) -> int:
        """Return how many requests of this asker wait."""
        return len(self._waiting.get(asker, ()))

    def append(self, asker: Hashable, channel: StrictChannel, moment: float) -> None:
        """Add a request that came at this moment."""
        self._waiting.setdefault(asker, deque()).append((channel, moment))
        self._count += 1

    def pop(self, asker: Hashable) -> StrictChannel:
        """Remove and return the first request of this asker, who goes behind the others."""
        theirs = self._waiting[asker]
        channel, _ = theirs.popleft()
        if theirs:
            self._waiting.move_to_end(asker)
        else:
            del self._waiting[asker]
        self._count -= 1
        return channel

    def before(self, moment: float) -> Iterator[StrictChannel]:
        """Remove and yield the requests that came before this moment."""
        for asker, theirs in list(self._waiting.items()):
            late = sum(came < moment for _, came in theirs)
            for _ in range(late):
                yield self.pop(asker)
