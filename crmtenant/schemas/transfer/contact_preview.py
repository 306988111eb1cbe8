"""Show what a file of contacts contains before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import islice
from typing import Any

from crmtenant.formats.contact_paths import MOST_CUSTOM_NAME, offered_paths, paths_of
from crmtenant.formats.csv.reader import CsvFile
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.crm.contact import WRITABLE
from crmtenant.schemas.transfer.contact_rows import checked
from crmtenant.schemas.transfer.contact_source import Source, noticed
from crmtenant.services.transfer.contact_import_rows import ValidRow, row_error

CONTACTS_SHOWN = 5
ROWS_EXAMINED = 200
"""Contacts and samples are taken from the first rows of a file only."""
MOST_SAMPLES = 3
LONGEST_SAMPLE = 100
MOST_ERRORS = 20

Json = dict[str, Any]


def preview_of_csv(file: CsvFile, region: str | None) -> Json:
    """Return the JSON of `ContactPreviewOut` for a CSV file."""
    names = file.columns.names
    samples = _samples(islice(file.cells(), ROWS_EXAMINED), len(names))
    columns = [
        {"name": name, "field": path, "samples": found}
        for name, path, found in zip(names, paths_of(file.columns.targets), samples, strict=True)
    ]
    own = [f"custom/{name[:MOST_CUSTOM_NAME]}" for name in dict.fromkeys(names) if name]
    return {
        "format": "csv",
        "rows": file.row_count,
        "columns": columns,
        "fields": [*offered_paths(), *own],
        "is_header_assumed": file.layout.is_assumed,
        **noticed(file.encoding),
        **_first(file.contacts(region), region),
    }


def preview_of_contacts(file_format: str, source: Source, region: str | None) -> Json:
    """Return the JSON of `ContactPreviewOut` for a file without columns, which is read to its end to be counted."""
    examined = list(islice(source.contacts, ROWS_EXAMINED))
    rows = len(examined) + sum(1 for _ in source.contacts)
    return {
        "format": file_format,
        "rows": rows,
        "columns": [],
        "fields": [],
        "is_header_assumed": False,
        **noticed(source.encoding),
        **_first(examined, region),
    }


def _first(contacts: Iterable[ParsedContact], region: str | None) -> Json:
    """Return the first valid contacts, and the errors of the rows up to the last of them."""
    shown: list[Json] = []
    errors: list[Json] = []
    for parsed in islice(contacts, ROWS_EXAMINED):
        (row,) = checked([parsed], region=region)
        is_imported = isinstance(row, ValidRow)
        told = row.set_aside if isinstance(row, ValidRow) else row.field_errors
        errors += [asdict(row_error(row.row, error, is_imported=is_imported)) for error in told]
        if isinstance(row, ValidRow):
            shown.append(_contact(row, parsed.organization))
        if len(shown) == CONTACTS_SHOWN:
            break
    return {"contacts": shown, "errors": errors[:MOST_ERRORS]}


def _contact(row: ValidRow, organization: str | None) -> Json:
    contact = {name: row.values[name] for name in WRITABLE if name != "organization_id"}
    return {**contact, "organization": organization, "row": row.row}


def _samples(rows: Iterable[list[str]], width: int) -> list[list[str]]:
    """Return some non-empty cells of each column, without repetition."""
    found: list[dict[str, None]] = [{} for _ in range(width)]
    for cells in rows:
        for kept, cell in zip(found, cells, strict=False):
            text = cell.strip()[:LONGEST_SAMPLE]
            if text and len(kept) < MOST_SAMPLES:
                kept[text] = None
    return [list(kept) for kept in found]
