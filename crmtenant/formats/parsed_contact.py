"""A contact as a file describes it, before anybody has looked whether it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crmtenant.errors import FieldError


@dataclass(slots=True)
class ParsedContact:
    """One row or card of a file: its number as a person counts it, and the JSON of a contact.

    `row` is the row a spreadsheet would show (the header is a row too) or the number of the vCard or JSON entry.
    `organization` is the name of the organisation the contact belongs to. A card with faults has no contact.
    """

    row: int
    contact: dict[str, Any] = field(default_factory=dict)
    organization: str | None = None
    field_errors: list[FieldError] = field(default_factory=list)


def faulty(row: int, code: str, detail: str, pointer: str = "") -> ParsedContact:
    """A card that could not be read, and why."""
    return ParsedContact(row, field_errors=[FieldError(pointer, code, detail)])
