"""Secrets that an installation makes for itself, kept in files only its own user can read.

Each line is a secret. The first is in use; those below it were before, with the moment they were replaced (seconds
since the epoch), and still hold for what was made with them.
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
class Kept:
    """A secret of the file; `replaced_at` is None for the one in use."""

    secret: str
    replaced_at: int | None = None

    @property
    def line(self) -> str:
        """How it stands in the file."""
        return self.secret if self.replaced_at is None else f"{self.secret} {self.replaced_at}"


def read_secrets(configured: str, path: Path) -> tuple[str, ...]:
    """The configured secrets, which spaces separate, or those in `path`, made there if missing; the first is in
    use."""
    if configured != GENERATE:
        return tuple(configured.split())
    return tuple(kept.secret for kept in read_kept(path))


def read_kept(path: Path) -> list[Kept]:
    """The secrets in the file, made if it is missing, the one in use first; `SettingsError` if it holds none."""
    if not path.exists():
        _make(path)
    found = [_kept(line) for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
    if not found or any(len(kept.secret) < MIN_LENGTH for kept in found):
        raise SettingsError(f"{path} does not hold a secret; put it back from a backup")
    return found


def stamp(path: Path) -> tuple[int, int, int]:
    """What is different whenever the file was written."""
    found = path.stat()
    return found.st_ino, found.st_mtime_ns, found.st_size


def rotate(path: Path, clock: Callable[[], float] = time.time) -> None:
    """Nothing comes back; the file begins with a new secret, and those it had stand below it."""
    moment = int(clock())
    with _alone(path):
        first, *rest = read_kept(path)
        _replace(path, [Kept(secrets.token_hex(32)), Kept(first.secret, moment), *rest])


def retire(path: Path, lifetime_seconds: float, clock: Callable[[], float] = time.time) -> int:
    """How many secrets are forgotten: all but the one in use. `OperatorError` while anything made with one of them
    may be alive, which is `lifetime_seconds` after it was replaced."""
    with _alone(path):
        first, *rest = read_kept(path)
        left = max((kept.replaced_at or 0 for kept in rest), default=0) + lifetime_seconds - clock()
        if left > 0:
            raise OperatorError(
                f"Sign-ins made with the old key are valid for {left:.0f} s more; ask again then, or say --now."
            )
        if rest:
            _replace(path, [first])
    return len(rest)


def _kept(line: str) -> Kept:
    secret, _, replaced_at = line.strip().partition(" ")
    if replaced_at and not replaced_at.isdigit():
        raise SettingsError("a line of a secret's file is neither a secret nor a secret and a moment")
    return Kept(secret, int(replaced_at) if replaced_at else None)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time changes the file: the others wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _replace(path: Path, kept: list[Kept]) -> None:
    """Nothing comes back; the file holds these, wholly, and a power cut does not bring the old ones back."""
    draft = _draft(path, "".join(f"{one.line}\n" for one in kept))
    try:
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _keep_name(path)


def _make(path: Path) -> None:
    """Nothing comes back; `path` holds a secret, ours or that of a process that was faster.

    The file is written whole under another name and then linked, which fails if `path` has come to be in
    the meantime. So nobody ever reads half a secret, and all processes end up with the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, secrets.token_hex(32) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    finally:
        draft.unlink()
    _keep_name(path)


def _draft(path: Path, text: str) -> Path:
    """A file beside `path` with this text, on the disk, readable by nobody else."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _keep_name(path: Path) -> None:
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
