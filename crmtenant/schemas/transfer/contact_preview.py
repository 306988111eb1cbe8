"""What a file of contacts holds, told before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from crmtenant.errors import FieldError
from crmtenant.formats.contact_paths import MOST_CUSTOM_NAME, offered_paths, paths_of
from crmtenant.formats.csv.reader import CsvFile
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.crm.contact import WRITABLE
from crmtenant.schemas.transfer.contact_rows import checked
from crmtenant.services.transfer.contact_import import Incoming, Refused

CONTACTS_SHOWN = 5
ROWS_LOOKED_AT = 200
"""How far we look for contacts and samples: the first rows of a file are enough to tell what it is."""
MOST_SAMPLES = 3
LONGEST_SAMPLE = 100
MOST_FAULTS_TOLD = 20

Json = dict[str, Any]


def preview_of_csv(file: CsvFile, region: str | None) -> Json:
    """The JSON of `ContactPreviewOut` for a CSV file."""
    names = file.columns.names
    samples = _samples(islice(file.cells(), ROWS_LOOKED_AT), len(names))
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
        **_first(file.cards(region), region),
    }


def preview_of_cards(file_format: str, cards: Iterator[ParsedContact], region: str | None) -> Json:
    """The JSON of `ContactPreviewOut` for a file without columns; it is read to its end, to be counted."""
    looked_at = list(islice(cards, ROWS_LOOKED_AT))
    rows = len(looked_at) + sum(1 for _ in cards)
    return {"format": file_format, "rows": rows, "columns": [], "fields": [], **_first(looked_at, region)}


def _first(cards: Iterable[ParsedContact], region: str | None) -> Json:
    """The first contacts, and what is wrong with the rows until then."""
    organizations: dict[int, str | None] = {}
    contacts: list[Json] = []
    errors: list[Json] = []
    for row in checked(_noted(islice(cards, ROWS_LOOKED_AT), organizations), region=region):
        errors += _faults(row.row, row.field_errors if isinstance(row, Refused) else row.set_aside)
        if isinstance(row, Incoming):
            contacts.append(_contact(row, organizations[row.row]))
        if len(contacts) == CONTACTS_SHOWN:
            break
    return {"contacts": contacts, "errors": errors[:MOST_FAULTS_TOLD]}


def _noted(cards: Iterable[ParsedContact], organizations: dict[int, str | None]) -> Iterator[ParsedContact]:
    """The cards; on the way it is noted what their organisations are called."""
    for card in cards:
        organizations[card.row] = card.organization
        yield card


def _contact(row: Incoming, organization: str | None) -> Json:
    contact = {name: row.values[name] for name in WRITABLE if name != "organization_id"}
    return {**contact, "organization": organization, "row": row.row}


def _faults(row: int, field_errors: Iterable[FieldError]) -> list[Json]:
    return [
        {"row": row, "pointer": field_error.pointer, "code": field_error.code, "detail": field_error.detail}
        for field_error in field_errors
    ]


def _samples(rows: Iterable[list[str]], width: int) -> list[list[str]]:
    """Of each column some cells that say something, each once."""
    found: list[dict[str, None]] = [{} for _ in range(width)]
    for cells in rows:
        for kept, cell in zip(found, cells, strict=False):
            text = cell.strip()[:LONGEST_SAMPLE]
            if text and len(kept) < MOST_SAMPLES:
                kept[text] = None
    return [list(kept) for kept in found]
