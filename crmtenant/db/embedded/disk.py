"""The disk of the embedded PostgreSQL: how much of it is free, and the ballast that keeps room for a restart."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

#: After a crash PostgreSQL writes a checkpoint and a segment of WAL, 16 MiB, or two.
BALLAST_BYTES = 64 << 20


class Disk:
    """The file system that a cluster is on.

    The ballast is a file of ours that takes room while there is plenty. Whoever starts PostgreSQL on a full disk throws it
    off, so that recovery can write; it is taken on again once there is `reserve_bytes` of room beside it.
    """

    def __init__(self, cluster: Path, reserve_bytes: int) -> None:
        self._cluster = cluster
        self._ballast = cluster.parent / "ballast"
        self._ballast_bytes = min(BALLAST_BYTES, reserve_bytes // 2)
        self._reserve_bytes = reserve_bytes

    def free_bytes(self) -> int:
        """Return how much PostgreSQL may still write. Raises: `OSError`."""
        found = os.statvfs(self._cluster)
        return found.f_bavail * found.f_frsize

    def make_room(self) -> None:
        """Throw the ballast off if there is less room than it takes."""
        with suppress(FileNotFoundError):
            if self.free_bytes() < self._ballast_bytes:
                self._ballast.unlink()

    def take_ballast(self) -> None:
        """Take the ballast on if it is missing, there is plenty of room, and it is on the disk of the cluster."""
        with suppress(OSError):
            if self._ballast_bytes and not self._ballast.exists() and self._has_plenty():
                self._write_ballast()

    def _has_plenty(self) -> bool:
        is_same_disk = self._ballast.parent.stat().st_dev == self._cluster.stat().st_dev
        return is_same_disk and self.free_bytes() > self._reserve_bytes + 2 * self._ballast_bytes

    def _write_ballast(self) -> None:
        # Under another name at first: a ballast is always a whole one.
        draft = self._ballast.with_suffix(".new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, mode=0o600)
        try:
            os.posix_fallocate(descriptor, 0, self._ballast_bytes)
        except OSError:
            draft.unlink()
            raise
        finally:
            os.close(descriptor)
        draft.rename(self._ballast)
