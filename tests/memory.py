"""Where the files of a test run lie: in memory where there is room for them, which saves a quarter of the time.

Making and dropping a database makes and deletes some three hundred files. `TMPDIR` names another place.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY = Path("/dev/shm")
NEEDED_BYTES = 6 * 1024**3
PREFIX = "crmtenant-run-"


@contextmanager
def files_in_memory() -> Iterator[None]:
    """Temporary files of this process and of those it starts lie in memory, and are gone with the frame."""
    if "TMPDIR" in os.environ or not _has_room():
        yield
        return
    _remove_those_of_the_dead()
    directory = MEMORY / f"{PREFIX}{os.getpid()}"
    directory.mkdir(mode=0o1777)
    # PostgreSQL may run under an account of its own; mkdir's mode is subject to the umask.
    directory.chmod(0o1777)
    os.environ["TMPDIR"], tempfile.tempdir = str(directory), None
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        shutil.rmtree(directory)


def _has_room() -> bool:
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED_BYTES


def _remove_those_of_the_dead() -> None:
    """Of runs that were killed."""
    for directory in MEMORY.glob(f"{PREFIX}*"):
        if not Path(f"/proc/{directory.name.removeprefix(PREFIX)}").exists():
            shutil.rmtree(directory, ignore_errors=True)
