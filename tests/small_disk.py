"""A small file system of its own, to be filled to the last byte."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

MEGABYTE = 1 << 20


@contextmanager
def small_disk(size_bytes: int) -> Iterator[Path]:
    """Mount an empty file system that every user may enter. Skips where that is not possible."""
    path = Path(tempfile.mkdtemp(prefix="crmtenant-test-"))
    options = f"size={size_bytes},mode=0755"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", path], check=False)
    if mounted.returncode:
        path.rmdir()
        pytest.skip("a file system can be mounted by root only, and not everywhere")
    try:
        yield path
    finally:
        subprocess.run(["umount", path], check=True)
        path.rmdir()


def fill(filler: Path, up_to_bytes: int | None = None) -> None:
    """Write so many bytes to the file, or until nothing more can be written."""
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        if up_to_bytes is not None:
            file.write(bytes(up_to_bytes))
            return
        for size in (MEGABYTE, 4096):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
