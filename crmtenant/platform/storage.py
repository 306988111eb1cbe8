"""Whether there is room to write on the server that the catalog is on, where this process can see its disk."""

from __future__ import annotations

from collections.abc import Callable

from crmtenant.errors import StorageFull
from crmtenant.services.fleet.server_space import is_too_little


class Storage:
    """Looks at the disk, which takes two microseconds, whenever it is asked.

    `free_bytes` returns None where that cannot be known; `least_bytes` is None where nothing is to be kept free.
    """

    def __init__(self, free_bytes: Callable[[], int | None], least_bytes: int | None) -> None:
        self.free_bytes = free_bytes
        self.least_bytes = least_bytes
        self._was_full = False

    def is_full(self) -> bool:
        """Return whether less is free than has to be."""
        self._was_full = is_too_little(self.free_bytes(), self.least_bytes, was_full=self._was_full)
        return self._was_full

    def require_room(self) -> None:
        """Raises: `StorageFull`."""
        if self.is_full():
            raise StorageFull
