"""Addresses: the one place they are read and written."""

from __future__ import annotations

from typing import Protocol

API = "/api"
BIGGEST_ID = 2**63 - 1


class Located(Protocol):
    """What has a place in the tree, as Pyramid's traversal wants it."""

    __name__: str

    @property
    def __parent__(self) -> Located | None: ...


def parse_id(segment: str) -> int | None:
    """The row id a URL segment spells, or None: ASCII decimal, no sign, no leading zero, within bigint."""
    if not (segment.isascii() and segment.isdecimal()) or segment[0] == "0" or len(segment) > 19:
        return None
    number = int(segment)
    return number if number <= BIGGEST_ID else None


def path_of(resource: Located, *names: str) -> str:
    """The one address of a resource, such as `/api/contacts/42`; `names` are appended."""
    segments = list(reversed(names))
    place: Located | None = resource
    while place is not None and place.__name__:
        segments.append(place.__name__)
        place = place.__parent__
    return "/".join([API, *reversed(segments)])


def item_path(collection: str, row_id: int) -> str:
    """The address of one row of a company's collection."""
    return f"{API}/{collection}/{row_id}"
