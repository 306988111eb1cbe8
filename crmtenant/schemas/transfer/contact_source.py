"""The contacts of an uploaded file, and what is to be told of the file as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crmtenant.formats.csv.reader import CsvFile
from crmtenant.formats.likeliest import Encoding
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.stray_bytes import WESTERN
from crmtenant.services.transfer.contact_import_rows import ImportResult

_NAMES = {
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp1252": "Windows-1252 (Western European)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1257": "Windows-1257 (Baltic)",
    "mac_roman": "Mac Roman",
    "mac_latin2": "Mac Central European",
    "cp850": "DOS (code page 850)",
    "cp852": "DOS (code page 852)",
    "cp857": "DOS (code page 857)",
    "cp866": "DOS (code page 866)",
}


@dataclass(frozen=True, slots=True)
class Source:
    """The contacts of a file, lazily. `csv` is the file if it has rows and columns."""

    contacts: Iterator[ParsedContact]
    encoding: Encoding | None = None
    csv: CsvFile | None = None


def noticed(encoding: Encoding | None) -> dict[str, Any]:
    """Return `notices`, if there is something to tell of the file; nothing otherwise."""
    if encoding is None or not encoding.is_guessed:
        return {}
    codec = "cp1252" if encoding.errors == WESTERN else encoding.name
    name = _NAMES.get(codec, codec)
    detail = f"The file is not in UTF-8. It was read as {name}: look at names with accents."
    return {"notices": [{"code": "guessed_encoding", "detail": detail, "value": name}]}


def counted(result: ImportResult) -> dict[str, Any]:
    """Return the counts and the errors."""
    return {
        "created": result.created,
        "updated": result.updated,
        "skipped": result.skipped,
        "errors": result.errors,
    }


def original_rows(file: CsvFile, result: ImportResult) -> dict[str, Any]:
    """Return the column names of the file and its rows with errors, as they are there."""
    wanted = {error.row for error in result.errors}
    rows = [{"row": number, "cells": cells} for number, cells in file.original_rows() if number in wanted]
    return {"header": list(file.columns.names), "rows": rows}
