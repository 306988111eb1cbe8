"""Files of companies whose rows have wrong ids, refer to nothing, or lack a column."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.installation import Company
from tests.functional.transfer.archives import (
    NOUNS,
    import_archive,
    is_untouched,
    packed,
    rows_of,
    unpacked,
    with_rows,
    without_field,
)


@pytest.mark.parametrize("table", NOUNS)
@pytest.mark.parametrize("row_id", [0, 2**53, 2**63, 10**30, 1.5, True, None, "1", [1]])
def test_an_id_that_is_none_is_refused(row_id: Any, table: str, target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    first, *rest = files[f"data/{table}.jsonl"].splitlines(keepends=True)
    line = json.dumps({**json.loads(first), "id": row_id}).encode() + b"\n"
    answer = import_archive(target, packed({**files, f"data/{table}.jsonl": b"".join([line, *rest])}))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import"), answer.text
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/1")
    assert is_untouched(target)


@pytest.mark.parametrize("table", NOUNS)
def test_an_id_that_is_there_twice_is_refused(table: str, target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    rows = rows_of(files, table)
    answer = import_archive(target, packed(with_rows(files, table, [*rows, rows[0]])))
    assert answer.status_int == 422
    assert answer.json["errors"][0]["pointer"] == f"/data/{table}.jsonl/{len(rows) + 1}/id"
    assert answer.json["errors"][0]["code"] == "duplicate"
    assert is_untouched(target)


REFERENCES = [
    ("contact", "organization_id"), ("project", "contact_id"), ("board_column", "project_id"), ("task", "project_id"),
    ("task", "parent_id"), ("task", "column_id"), ("task", "contact_id"),
]  # fmt: skip


@pytest.mark.parametrize("value", [0, 99_999, 2**63, 10**30, 1.5, True, "1", [1]])
@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_reference_to_nothing_is_refused(
    table: str, column: str, value: Any, target: Company, exported_few: bytes
) -> None:
    files = unpacked(exported_few)
    first, *rest = files[f"data/{table}.jsonl"].splitlines(keepends=True)
    line = json.dumps({**json.loads(first), column: value}).encode() + b"\n"
    answer = import_archive(target, packed({**files, f"data/{table}.jsonl": b"".join([line, *rest])}))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import"), answer.text
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/1")
    assert is_untouched(target)


@pytest.mark.parametrize("name", ["a\x00b", "x" * 100_000, 7, None, ["a"]])
def test_an_organisation_that_comes_late_and_is_none_is_refused(
    name: Any, target: Company, exported: bytes
) -> None:
    files = unpacked(exported)
    rows = rows_of(files, "contact")
    late = next(row for row in rows if row["name"] == "Späte GmbH")
    others = [row for row in rows if row is not late]
    assert len(others) > 500
    answer = import_archive(target, packed(with_rows(files, "contact", [*others, {**late, "name": name}])))
    assert answer.status_int == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == f"/data/contact.jsonl/{len(rows)}/name"
    assert is_untouched(target)


def test_a_column_left_out_is_refused(target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    rows = [without_field(row, "tags") for row in rows_of(files, "contact")]
    answer = import_archive(target, packed(with_rows(files, "contact", rows)))
    assert answer.json["errors"][0]["pointer"] == "/data/contact.jsonl/1/tags"
    assert answer.status_int == 422
