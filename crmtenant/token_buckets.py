"""Limits of requests a second: a bucket of tokens for each of any number of keys, in a bounded memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from math import ceil

#: Keys of a generation. Two generations, of about 130 bytes a key, take 2.6 MB.
MAX_KEYS = 10_000


class TokenBuckets:
    """Each key may take `per_second` tokens in the long run and `burst` at once.

    A bucket is one number: the time at which it will be full again (GCRA, ITU-T I.371). It is changed without a lock:
    two threads at the very same moment may take one token together, which is nothing to wait for. Keys that were not
    used for a whole generation are forgotten; their buckets count as full.
    """

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst = burst
        self.seconds_to_fill = ceil(burst / per_second)
        self._interval = 1 / per_second
        self._depth = burst / per_second
        self._clock = clock
        self._full_at: dict[Hashable, float] = {}
        self._full_at_before: dict[Hashable, float] = {}

    def __len__(self) -> int:
        return len(self._full_at) + len(self._full_at_before)

    def take(self, key: Hashable) -> float:
        """Take a token and return how many are left, or, if there was none, minus the seconds until there is one."""
        now = self._clock()
        full_at = self._full_at.get(key)
        if full_at is None:
            full_at = self._from_before(key)
        if full_at < now:
            full_at = now
        left = self._depth - (full_at - now) - self._interval
        # Rounding errors of a day's numbers are smaller than this.
        if left < -1e-9:
            return left
        self._full_at[key] = full_at + self._interval
        return (left + 1e-9) // self._interval

    def _from_before(self, key: Hashable) -> float:
        if len(self._full_at) >= MAX_KEYS:
            self._full_at, self._full_at_before = {}, self._full_at
        return self._full_at_before.get(key, 0.0)
