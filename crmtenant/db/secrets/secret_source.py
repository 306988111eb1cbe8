"""Secrets that may change at run time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock

import structlog

from crmtenant.db.secrets.secret_file import read_secrets, stamp
from crmtenant.errors import SettingsError
from crmtenant.settings import GENERATE

LOOK_EVERY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class SecretSource:
    """Secrets that are read again when their stamp has changed.

    The stamp is checked once a second while they are used, and at once for a caller who needs the newest.
    """

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
        """Return the secrets. The first is in use; the others were, or will be."""
        if at_once or self._clock() >= self._look_at:
            with self._lock:
                self._check()
        return self._secrets

    def _check(self) -> None:
        self._look_at = self._clock() + LOOK_EVERY_SECONDS
        try:
            seen = self._stamp()
            if seen == self._seen:
                return
            # The stamp is taken first, so a change between the two is noticed the next time.
            self._secrets, self._seen = self._read(), seen
        except (OSError, SettingsError, UnicodeDecodeError):
            # A file that cannot be read for a moment locks nobody out.
            log.exception("secret_not_read")


def secrets_of(configured: str, path: Path) -> SecretSource:
    """Return the configured secrets, or those of the file, which may change at run time."""
    if configured != GENERATE:
        return SecretSource(lambda: read_secrets(configured, path))
    return SecretSource(lambda: read_secrets(configured, path), lambda: stamp(path))
