"""Secrets that an installation generates, in files that only its own user can read.

Each line is a secret. The first is in use. Those below it were used before, followed by the time of their
replacement (seconds since the epoch), and are still valid for what was made with them.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from crmtenant.errors import OperatorError, SettingsError
from crmtenant.settings import GENERATE

MIN_LENGTH = 32


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A secret in the file. `replaced_at` is None for the one in use."""

    secret: str
    replaced_at: int | None = None

    @property
    def line(self) -> str:
        """Its line in the file."""
        return self.secret if self.replaced_at is None else f"{self.secret} {self.replaced_at}"


def read_secrets(configured: str, path: Path) -> tuple[str, ...]:
    """Return the configured secrets, separated by spaces, or those of the file, which is created if missing.

    The first is in use.
    """
    if configured != GENERATE:
        return tuple(configured.split())
    return tuple(stored.secret for stored in read_stored(path))


def read_stored(path: Path) -> list[StoredSecret]:
    """Return the secrets of the file, which is created if missing, the one in use first.

    Raises `SettingsError` if the file holds no secret.
    """
    if not path.exists():
        _create(path)
    found = [_parse(line) for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not found or any(len(stored.secret) < MIN_LENGTH for stored in found):
        raise SettingsError(f"{path} does not hold a secret; put it back from a backup")
    return found


def stamp(path: Path) -> tuple[int, int, int]:
    """Return a value that changes whenever the file is written."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def rotate(path: Path, clock: Callable[[], float] = time.time) -> None:
    """Put a new secret first in the file, above those it had."""
    moment = int(clock())
    with _locked(path):
        first, *rest = read_stored(path)
        _replace(path, [StoredSecret(secrets.token_hex(32)), StoredSecret(first.secret, moment), *rest])


def retire(path: Path, lifetime_seconds: float, clock: Callable[[], float] = time.time) -> int:
    """Remove all secrets but the one in use and return how many they were.

    Raises `OperatorError` until `lifetime_seconds` after the last replacement: what was made with an older secret
    may be valid as long.
    """
    with _locked(path):
        first, *rest = read_stored(path)
        left = max((stored.replaced_at or 0 for stored in rest), default=0) + lifetime_seconds - clock()
        if left > 0:
            raise OperatorError(
                f"Tokens signed with the old key are valid for another {left:.0f} s; try again then, or use --now."
            )
        if rest:
            _replace(path, [first])
    return len(rest)


def _parse(line: str) -> StoredSecret:
    secret, _, replaced_at = line.strip().partition(" ")
    if replaced_at and not replaced_at.isdigit():
        raise SettingsError("a line of a secret file is neither a secret nor a secret and a time")
    return StoredSecret(secret, int(replaced_at) if replaced_at else None)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the lock on the file's directory: only one process at a time changes the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _replace(path: Path, stored: list[StoredSecret]) -> None:
    """Replace the file's secrets atomically and durably."""
    draft = _write_draft(path, "".join(f"{one.line}\n" for one in stored))
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync_directory(path)


def _create(path: Path) -> None:
    """Create the file with a new secret, unless another process creates it first.

    It is written under another name and then linked, which fails if `path` exists by then. So nobody ever reads
    half a secret, and all processes have the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _write_draft(path, secrets.token_hex(32) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _sync_directory(path)


def _write_draft(path: Path, text: str) -> Path:
    """Write the text to a new private file beside `path`, flushed to disk, and return its path."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_directory(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
