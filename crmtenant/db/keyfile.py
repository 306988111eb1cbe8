"""Secrets that an installation makes for itself, kept in files only its own user can read."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from crmtenant.errors import SettingsError
from crmtenant.settings import GENERATE

MIN_LENGTH = 32


def read_secret(configured: str, path: Path) -> str:
    """The configured secret as it is; where that is `generate`, the one in `path`, made there if missing."""
    if configured != GENERATE:
        return configured
    if not path.exists():
        _make(path)
    secret = path.read_text(encoding="ascii").strip()
    if len(secret) < MIN_LENGTH:
        raise SettingsError(f"{path} does not hold a secret; put it back from a backup")
    return secret


def _make(path: Path) -> None:
    """Nothing comes back; `path` holds a secret, ours or that of a process that was faster.

    The file is written whole under another name and then linked, which fails if `path` has come to be in
    the meantime. So nobody ever reads half a secret, and all processes end up with the same one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        _link(draft, path)
    finally:
        Path(draft).unlink()


def _link(draft: str, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
