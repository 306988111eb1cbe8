"""The files of a company's export, and how what is wrong with one of them is said."""

from __future__ import annotations

from crmtenant.errors import FieldError, Invalid
from crmtenant.services.entities.registry import EntityRegistry

FORMAT = "crmtenant-company"
FORMAT_VERSION = 1
MANIFEST = "manifest.json"
PEOPLE = "people.json"
CONTACTS = "contacts.csv"


def file_of(table: str) -> str:
    """Return the name of the table's file."""
    return f"data/{table}.jsonl"


def tables_of(entities: EntityRegistry) -> list[str]:
    """Return the tables an export has files of: the nouns', and those in which their rows remember something."""
    return [*entities.by_table, *(memory.table.name for memory in entities.memories)]


def names_of_files(entities: EntityRegistry) -> frozenset[str]:
    """Return the names of all files an export may have."""
    sheets = (entity.sheet.file for entity in entities if entity.sheet)
    return frozenset({MANIFEST, PEOPLE, CONTACTS, *sheets, *map(file_of, tables_of(entities))})


def refused(file: str, line: int, *field_errors: FieldError) -> Invalid:
    """Return the refusal of a line of a file: each error's pointer is the file, the line and the place in it."""
    located = [
        FieldError(f"/{file}/{line}{error.pointer}", error.code, f"{file}, line {line}: {error.detail}")
        for error in field_errors
    ]
    return Invalid(*located, detail=located[0].detail, code="invalid_import")


def refused_file(file: str, code: str, detail: str) -> Invalid:
    """Return the refusal of a whole file."""
    detail = f"{file}: {detail}"
    return Invalid(FieldError(f"/{file}", code, detail), detail=detail, code="invalid_import")
