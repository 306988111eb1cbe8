"""How many rows a company may still have."""

from __future__ import annotations

from typing import Protocol


class Room(Protocol):
    """Is told of every row that comes or goes."""

    def take(self, rows: int) -> None:
        """Count rows that are about to be added. Raises a `DomainError` where there is no room for them."""

    def note(self, rows: int) -> None:
        """Count rows that come back from the trash, or, if negative, go there: that is always possible."""


class Unlimited:
    """Room for any number of rows."""

    def take(self, rows: int) -> None:
        """Do nothing."""

    def note(self, rows: int) -> None:
        """Do nothing."""


UNLIMITED = Unlimited()
