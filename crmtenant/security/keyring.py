"""The signing secrets that hold now. They may change while we serve."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from threading import Lock

import structlog

from crmtenant.errors import SettingsError
from crmtenant.security.keys import derived_key

LOOK_EVERY_SECONDS = 1.0

log = structlog.get_logger(__name__)


@lru_cache(maxsize=16)
def _derived(secrets: tuple[str, ...], purpose: str) -> tuple[bytes, ...]:
    return tuple(derived_key(secret, purpose) for secret in secrets)


class Keyring:
    """Secrets that are read again when their stamp has changed. It is looked at once a second while they are used,
    and at once for somebody who needs one that we do not have."""

    def __init__(
        self,
        read: Callable[[], tuple[str, ...]],
        stamp: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._stamp = stamp
        self._clock = clock
        self._lock = Lock()
        self._secrets = read()
        self._seen: object = None
        self._look_at = clock() + LOOK_EVERY_SECONDS

    def secrets(self, *, at_once: bool = False) -> tuple[str, ...]:
        """The secrets: the first signs, all verify."""
        if at_once or self._clock() >= self._look_at:
            with self._lock:
                self._look()
        return self._secrets

    def keys(self, purpose: str) -> tuple[bytes, ...]:
        """The keys for this purpose: the first is in use, all are known."""
        return _derived(self.secrets(), purpose)

    def _look(self) -> None:
        self._look_at = self._clock() + LOOK_EVERY_SECONDS
        try:
            seen = self._stamp()
            if seen == self._seen:
                return
            # The stamp is older than what is read, never newer: a change in between is found the next time.
            self._secrets, self._seen = self._read(), seen
        except (OSError, SettingsError, UnicodeDecodeError):
            # Nobody is signed out because a file cannot be read for a moment; the log has it every second.
            log.exception("signing_secret_not_read")
