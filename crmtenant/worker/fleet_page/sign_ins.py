"""Who is signed in to the fleet's page: kept in memory, so a restart signs everybody out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from crmtenant.security.opaque_tokens import new_token, token_hash

LONGEST_SECONDS = 8 * 3600
IDLE_SECONDS = 3600
MOST = 100


@dataclass(slots=True)
class SignIn:
    """Somebody who is signed in; `mark` is the account's at that moment."""

    account: str
    mark: bytes
    ends_at: float
    used_at: float


class SignIns:
    """The sign-ins of one process. Only hashes of the cookies are kept."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: dict[bytes, SignIn] = {}

    def begin(self, account: str, mark: bytes) -> str:
        """Sign the account in and return the cookie's value. Beyond a hundred, the one used longest ago ends."""
        token, moment = new_token(), self._clock()
        with self._lock:
            self._forget_ended(moment)
            if len(self._known) >= MOST:
                del self._known[min(self._known, key=lambda key: self._known[key].used_at)]
            self._known[token_hash(token)] = SignIn(account, mark, moment + LONGEST_SECONDS, moment)
        return token

    def find(self, token: str) -> SignIn | None:
        """Return whose cookie this is, or None."""
        moment = self._clock()
        with self._lock:
            self._forget_ended(moment)
            found = self._known.get(token_hash(token))
            if found is not None:
                found.used_at = moment
            return found

    def end(self, token: str) -> None:
        """Sign out."""
        with self._lock:
            self._known.pop(token_hash(token), None)

    def _forget_ended(self, moment: float) -> None:
        ended = [
            key
            for key, one in self._known.items()
            if moment >= one.ends_at or moment - one.used_at >= IDLE_SECONDS
        ]
        for key in ended:
            del self._known[key]
