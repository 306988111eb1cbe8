"""Whose turn it is: one request of each asker in a circle, and at most a share of the threads for one asker.

In the order of arrival, whoever sends 64 requests at once would make everybody else wait for all of them. Waiting here
holds no thread.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

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
    """The waiting requests. Not thread-safe: the crew uses it under its lock."""

    def __init__(self, asker_of: Callable[[StrictChannel], Hashable], share: int) -> None:
        self._share = share
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
            if self._served[asker] < self._share:
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
