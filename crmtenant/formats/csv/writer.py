"""Write CSV (RFC 4180) that is safe in a spreadsheet, and contacts so that our import reads them back without loss.

The columns of contacts are field paths. Entries for which there is no column go into `more`, as JSON.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from crmtenant.formats.contact_paths import CUSTOM, ENTRY_PARTS, MORE, ORGANIZATION, SCALARS, TAGS

Json = Mapping[str, Any]

COLUMNS_PER_LIST = {"emails": 3, "phones": 4, "addresses": 2, "urls": 2}
HEADER = (
    *SCALARS,
    ORGANIZATION,
    *(
        f"{field}/{index}/{part}"
        for field, count in COLUMNS_PER_LIST.items()
        for index in range(count)
        for part in ENTRY_PARTS[field]
    ),
    TAGS,
    CUSTOM,
    MORE,
)

# A spreadsheet takes such a cell for a formula, and a formula can send the sheet to a stranger.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_BYTE_ORDER_MARK = "\ufeff"


def csv_lines(contacts: Iterable[Json], delimiter: str = ",") -> Iterator[str]:
    """Yield the file in pieces, to be sent as UTF-8. The byte order mark is for Excel, which otherwise reads cp1252.

    Each contact is its JSON, with the name of its organisation as `organization`.
    """
    yield _BYTE_ORDER_MARK + _written([HEADER], delimiter)
    for contact in contacts:
        yield _written([_cells(contact)], delimiter)


def table_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]], delimiter: str = ",") -> Iterator[str]:
    """Yield the same for any table. Several values in a cell are separated by commas; times are in UTC."""
    yield _BYTE_ORDER_MARK + _written([columns], delimiter)
    for row in rows:
        yield _written([[harmless(_shown(value)) for value in row]], delimiter)


def harmless(cell: str) -> str:
    """Return the cell, with an apostrophe in front if it looks like a formula; `reader.restored` removes it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cells(contact: Json) -> list[str]:
    values = [_text(contact.get(field)) for field in (*SCALARS, ORGANIZATION)]
    for field, count in COLUMNS_PER_LIST.items():
        entries = contact.get(field) or []
        for index in range(count):
            entry = entries[index] if index < len(entries) else {}
            values += [_text(entry.get(part)) for part in ENTRY_PARTS[field]]
    return [
        harmless(value)
        for value in (*values, _tags(contact.get(TAGS) or []), _custom(contact), _more(contact))
    ]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return _tags(value)
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return _text(value)


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    return "true" if value is True else str(value)


def _tags(tags: Sequence[str]) -> str:
    return ",".join(re.sub(r"([\\,])", r"\\\1", tag) for tag in tags)


def _custom(contact: Json) -> str:
    custom = contact.get(CUSTOM)
    return orjson.dumps(custom).decode() if custom else ""


def _more(contact: Json) -> str:
    more = {
        field: contact[field][count:]
        for field, count in COLUMNS_PER_LIST.items()
        if len(contact.get(field) or ()) > count
    }
    return orjson.dumps(more).decode() if more else ""


def _written(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return buffer.getvalue()
