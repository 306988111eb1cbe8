"""The rows of an import of contacts, what is wrong with them, and what became of them all."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmtenant.errors import FieldError
from crmtenant.formats.parsed_contact import Oddity
from crmtenant.services.duplicates.identity import Identity, identity_of
from crmtenant.services.entities.change import Values
from crmtenant.services.transfer.decisions import Decision

LONGEST_VALUE = 500
"""Characters of an odd value that are told."""


@dataclass(slots=True)
class ValidRow:
    """A valid row: its number in the file, its columns, and those of its organisation, which has only a name.

    The column `search` may be a function that makes it, since only what is written needs it.
    `set_aside` has the errors of values that were kept as custom fields, and what was guessed.
    """

    row: int
    values: Values
    organization: Values | None = None
    set_aside: tuple[FieldError, ...] = ()
    identity: Identity = field(init=False)

    def __post_init__(self) -> None:
        self.identity = identity_of(self.values)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that cannot be imported, and why."""

    row: int
    field_errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class RowError:
    """One error in one row of a file, with the column and the value as they are there.

    `is_imported` tells that the row came in, the value kept aside or guessed.
    """

    row: int
    pointer: str
    code: str
    detail: str
    column: str | None = None
    value: str | None = None
    is_imported: bool = False


@dataclass(slots=True)
class ImportResult:
    """How many rows created a contact, updated one, or had nothing new; and the errors of the others.

    `decisions` tell who is who where that is not obvious.
    """

    created: int = 0
    updated: int = 0
    skipped: int = 0
    errors: list[RowError] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def row_error(row: int, error: FieldError, *, is_imported: bool) -> RowError:
    """Return the error as an error of this row."""
    column, value = (error.column, error.value) if isinstance(error, Oddity) else (None, None)
    shown = value[:LONGEST_VALUE] if value else value
    return RowError(row, error.pointer, error.code, error.detail, column, shown, is_imported)
