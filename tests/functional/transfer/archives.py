"""The file of a whole company: taken apart, changed, packed again."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from typing import Any

import orjson

from tests.functional.installation import TABLES, Company

ZIP = {"Content-Type": "application/zip"}
NOUNS = tuple(reversed(TABLES))

Files = dict[str, bytes]


def unpacked(content: bytes) -> Files:
    """The files in the archive, by name."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files) -> bytes:
    """A zip of the files whose manifest tells the truth of them."""
    manifest = orjson.loads(files["manifest.json"])
    for name, facts in manifest["files"].items():
        if name in files:
            facts["sha256"] = hashlib.sha256(files[name]).hexdigest()
            if name.endswith(".jsonl"):
                facts["rows"] = files[name].count(b"\n")
    return zipped({**files, "manifest.json": orjson.dumps(manifest)})


def zipped(files: Files) -> bytes:
    """A zip of the files as they are."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def rows_of(files: Files, table: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    return [orjson.loads(line) for line in files[f"data/{table}.jsonl"].splitlines()]


def with_rows(files: Files, table: str, rows: list[dict[str, Any]]) -> Files:
    """The files with these rows in the table."""
    return {**files, f"data/{table}.jsonl": b"".join(orjson.dumps(row) + b"\n" for row in rows)}


def import_archive(company: Company, content: bytes, role: str = "owner") -> Any:
    """The answer to the import of the archive."""
    return company.client(role).raw("POST", "/api/company/import", content, ZIP)


def is_untouched(company: Company) -> bool:
    """Whether the company has no row."""
    return set(company.counts().values()) == {0}


def sheet_of(files: Files, name: str) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    text = io.StringIO(files[name].decode("utf-8-sig"), newline="")
    return list(csv.DictReader(text, delimiter=";"))  # as Excel in Germany expects


def without_field(row: dict[str, Any], name: str) -> dict[str, Any]:
    """The row without this column."""
    return {key: value for key, value in row.items() if key != name}
