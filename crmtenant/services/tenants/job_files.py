"""The files that jobs made for owners to download: beside the backups, readable by nobody else, for a day.

Worker and serving processes share the directory of backups; where they do not, what a worker made is not found.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, BinaryIO

from crmtenant.errors import NotFound

DIRECTORY = "company-files"
#: How long a file can be downloaded.
KEPT = timedelta(days=1)
_ENDING, _UNFINISHED = ".zip", ".part"


class JobFiles:
    """Writes, opens and removes files by the ids of their jobs."""

    def __init__(self, backup_dir: Path) -> None:
        self._directory = backup_dir / DIRECTORY

    @contextmanager
    def writing(self, job_id: str) -> Iterator[IO[bytes]]:
        """Give a file to write, which is there only once it is whole."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._path(job_id)
        part = path.with_suffix(_UNFINISHED)
        try:
            with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.rename(path)
        finally:
            part.unlink(missing_ok=True)

    def open(self, job_id: str) -> BinaryIO:
        """Open the file that the job made. Raises: `NotFound`."""
        try:
            return self._path(job_id).open("rb")
        except FileNotFoundError:
            raise NotFound from None

    def remove(self, job_id: str) -> None:
        """Remove the file, if it is there."""
        self._path(job_id).unlink(missing_ok=True)

    def keep_only(self, job_ids: Collection[str]) -> None:
        """Remove the files of all other jobs, whole and unfinished ones."""
        for path in self._directory.glob("j_*"):
            if path.stem not in job_ids:
                path.unlink(missing_ok=True)

    def _path(self, job_id: str) -> Path:
        return self._directory / f"{job_id}{_ENDING}"
