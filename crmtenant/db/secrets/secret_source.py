"""Secrets that may change while we serve."""

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


class KnownSecrets:
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
        """The secrets: the first is in use, those behind it were, or will be."""
        if at_once or self._clock() >= self._look_at:
            with self._lock:
                self._look()
        return self._secrets

    def _look(self) -> None:
        self._look_at = self._clock() + LOOK_EVERY_SECONDS
        try:
            seen = self._stamp()
            if seen == self._seen:
                return
            # The stamp is older than what is read, never newer: a change in between is found the next time.
            self._secrets, self._seen = self._read(), seen
        except (OSError, SettingsError, UnicodeDecodeError):
            # Nobody is locked out because a file cannot be read for a moment; the log has it every second.
            log.exception("secret_not_read")


def secrets_of(configured: str, path: Path) -> KnownSecrets:
    """The configured secrets; those in our own file at `path` may be changed while we serve."""
    if configured != GENERATE:
        return KnownSecrets(lambda: read_secrets(configured, path))
    return KnownSecrets(lambda: read_secrets(configured, path), lambda: stamp(path))
