"""A contact as a file describes it, not yet validated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crmtenant.errors import FieldError


@dataclass(frozen=True, slots=True)
class Oddity(FieldError):
    """An error in a file: beside the place in the contact, the column and the value as they are in the file."""

    column: str | None = None
    value: str | None = None


Origin = Callable[[str, str], tuple[str | None, str]]
"""Return the column of a value at a JSON pointer, and the whole cell."""


def no_origin(_: str, value: str) -> tuple[str | None, str]:
    """Return that no column is known, and the value itself."""
    return None, value


@dataclass(slots=True)
class ParsedContact:
    """One row, vCard or JSON entry of a file: its number as a person counts it, and the JSON of a contact.

    `row` is the row a spreadsheet would show (the header is a row too) or the number of the vCard or JSON entry.
    `organization` is the name of the organisation the contact belongs to. With `field_errors` the contact is
    invalid; `oddities` are told, though the contact is good. An entry that `is_exact` is taken whole or refused.
    `uids` tell it apart from every other contact, wherever it comes from.
    """

    row: int
    contact: dict[str, Any] = field(default_factory=dict)
    organization: str | None = None
    field_errors: list[FieldError] = field(default_factory=list)
    uids: tuple[str, ...] = ()
    oddities: list[Oddity] = field(default_factory=list)
    origin: Origin = no_origin
    is_exact: bool = False


def invalid(row: int, code: str, detail: str, pointer: str = "") -> ParsedContact:
    """Return what stands for a contact that could not be read, and why."""
    return ParsedContact(row, field_errors=[FieldError(pointer, code, detail)])
