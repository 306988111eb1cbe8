"""The tables of a company's database, as they leave it and come into another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.errors import FieldError, Invalid
from crmtenant.models.tenant import metadata

if TYPE_CHECKING:
    from sqlalchemy import Table

FORMAT = "crmtenant-company"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
PEOPLE = "people.json"
CONTACTS = "contacts.csv"

#: What refers to a table comes after it.
TABLES: tuple[Table, ...] = tuple(metadata.sorted_tables)
#: What belongs to one database alone: whose it is, and answers that were given there.
OF_ONE_DATABASE = frozenset({"company", "answer"})
#: What came with a later revision than the first.
SINCE = {"saved_view": "0004"}


def file_of(table: str) -> str:
    """The name of the table's file."""
    return f"data/{table}.jsonl"


def refused(file: str, line: int, *field_errors: FieldError) -> Invalid:
    """The refusal of a line of a file: each fault's pointer is the file, the line and the place in it."""
    told = [
        FieldError(
            f"/{file}/{line}{field_error.pointer}",
            field_error.code,
            f"{file}, line {line}: {field_error.detail}",
        )
        for field_error in field_errors
    ]
    return Invalid(*told, detail=told[0].detail, code="invalid_import")


def refused_file(file: str, code: str, detail: str) -> Invalid:
    """The refusal of a whole file."""
    return Invalid(
        FieldError(f"/{file}", code, f"{file}: {detail}"), detail=f"{file}: {detail}", code="invalid_import"
    )
