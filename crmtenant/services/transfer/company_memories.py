"""What rows of a company remember comes back with them: checked against the rows that came, all of it or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert

from crmtenant.errors import FieldError
from crmtenant.services.transfer.company_files import file_of, refused
from crmtenant.services.transfer.company_import import ROWS_AT_ONCE

if TYPE_CHECKING:
    from sqlalchemy import Column
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.memory import Memory
    from crmtenant.services.transfer.company_import import Known

Row = Mapping[str, Any]


def write_memory(session: Session, memory: Memory, lines: Iterable[tuple[int, Row]], known: Known) -> None:
    """Write the rows. Raises: `Invalid` for the first line with an error."""
    checked = _checked(memory, lines, known)
    while batch := list(islice(checked, ROWS_AT_ONCE)):
        session.execute(insert(memory.table), batch)


def _checked(memory: Memory, lines: Iterable[tuple[int, Row]], known: Known) -> Iterator[dict[str, Any]]:
    seen = set[Any]()
    (key,) = memory.table.primary_key.columns
    for line, row in lines:
        errors = [*_errors(memory, row, known)]
        if not errors and row[key.name] in seen:
            errors = [FieldError(f"/{key.name}", "duplicate", "The id is there twice.")]
        if errors:
            raise refused(file_of(memory.table.name), line, *errors)
        seen.add(row[key.name])
        yield dict(row)


def _errors(memory: Memory, row: Row, known: Known) -> Iterator[FieldError]:
    columns = memory.table.columns
    odd = sorted(row.keys() ^ set(columns.keys()))
    if odd:
        for name in odd:
            is_missing = name in columns
            code = "required" if is_missing else "unknown_field"
            detail = "This is required." if is_missing else "There is no such field."
            yield FieldError(f"/{ascii(name)[1:-1]}", code, detail)
        return
    errors = [error for column in columns for error in _errors_of_column(column, row[column.name], known)]
    yield from errors
    if not errors and (error := memory.error_of(row)):
        yield error


def _errors_of_column(column: Column[Any], value: Any, known: Known) -> Iterator[FieldError]:
    if value is None and column.nullable:
        return
    targets = [key.column.table.name for key in column.foreign_keys]
    expected = int if targets else str
    if type(value) is not expected:
        kind = "a whole number" if targets else "a text"
        yield FieldError(f"/{column.name}", "invalid_type", f"This must be {kind}.")
    elif any(value not in known.ids[target] for target in targets):
        yield FieldError(f"/{column.name}", "unknown_reference", "There is no such item to refer to.")
