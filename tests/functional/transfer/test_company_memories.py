"""What tasks remember goes with a company's file: reopening and restoring work as before where it came in."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from tests.functional.installation import Company
from tests.functional.transfer.archives import (
    Files,
    import_archive,
    is_untouched,
    packed,
    rows_of,
    unpacked,
    with_rows,
)

MEMORIES = ("task_occurrence", "task_left_column")


@pytest.fixture
def files(north: Company) -> Files:
    """The file of a company with a task that repeated and is done, and one whose column was deleted."""
    ask = north.client()
    project = ask.create("/api/projects", name="Website")["id"]
    column = ask.create("/api/columns", name="Ideas", project_id=project)["id"]
    ask.create("/api/tasks", title="Weekly", due_on="2026-11-25", recurrence="FREQ=WEEKLY")
    ask.create("/api/tasks", title="Idea", project_id=project, column_id=column)
    assert ask.post("/api/tasks/1/complete").json["next_occurrence"]
    assert ask.delete(f"/api/columns/{column}").status_int == 204
    exported = unpacked(ask.get("/api/company/export").body)
    assert [len(rows_of(exported, table)) for table in MEMORIES] == [1, 1]
    facts = orjson.loads(exported["manifest.json"])["files"]
    assert {facts[f"data/{table}.jsonl"]["rows"] for table in MEMORIES} == {1}
    return exported


def test_what_tasks_remember_comes_back_and_works(files: Files, target: Company) -> None:
    answer = import_archive(target, packed(files))
    assert answer.status_int == 200, answer.text
    ask = target.client()
    again = unpacked(ask.get("/api/company/export").body)
    for table in MEMORIES:
        assert rows_of(again, table) == rows_of(files, table)
    assert ask.post("/api/tasks/1/reopen").json["recurrence"] == "FREQ=WEEKLY"
    (memory,) = rows_of(files, "task_occurrence")
    assert ask.get(f"/api/tasks/{memory['next_id']}").status_int == 404  # one of the two is enough
    (left,) = rows_of(files, "task_left_column")
    assert ask.post(f"/api/columns/{left['column_id']}/restore").status_int == 200
    assert ask.read(f"/api/tasks/{left['task_id']}")["column_id"] == left["column_id"]


def test_an_export_without_them_is_taken(files: Files, target: Company) -> None:
    older = {name: content for name, content in files.items() if not any(table in name for table in MEMORIES)}
    manifest = orjson.loads(older["manifest.json"])
    for table in MEMORIES:
        del manifest["files"][f"data/{table}.jsonl"]
    answer = import_archive(target, packed({**older, "manifest.json": orjson.dumps(manifest)}))
    assert answer.status_int == 200, answer.text


@pytest.mark.parametrize(
    ("table", "change", "pointer", "code"),
    [
        ("task_occurrence", {"task_id": 999}, "/task_id", "unknown_reference"),
        ("task_occurrence", {"next_id": 999}, "/next_id", "unknown_reference"),
        ("task_occurrence", {"task_id": None}, "/task_id", "invalid_type"),
        ("task_occurrence", {"task_id": "1"}, "/task_id", "invalid_type"),
        ("task_occurrence", {"task_id": True}, "/task_id", "invalid_type"),
        ("task_occurrence", {"rule": 7}, "/rule", "invalid_type"),
        ("task_occurrence", {"rule": "FREQ=SECONDLY"}, "/rule", "invalid_recurrence"),
        ("task_occurrence", {"rule": "x\x00" * 5000}, "/rule", "invalid_recurrence"),
        ("task_occurrence", {"more": 1}, "/more", "unknown_field"),
        ("task_left_column", {"column_id": 999}, "/column_id", "unknown_reference"),
        ("task_left_column", {"column_id": [1]}, "/column_id", "invalid_type"),
        ("task_left_column", {"column_id": 1e30}, "/column_id", "invalid_type"),
    ],
)
def test_what_is_no_memory_is_refused_by_line_and_nothing_comes(
    files: Files, target: Company, table: str, change: dict[str, Any], pointer: str, code: str
) -> None:
    (row,) = rows_of(files, table)
    refused = import_archive(target, packed(with_rows(files, table, [{**row, **change}])))
    assert refused.status_int == 422, refused.text
    assert [(fault["pointer"], fault["code"]) for fault in refused.json["errors"]] == [
        (f"/data/{table}.jsonl/1{pointer}", code)
    ]
    assert is_untouched(target)


def test_a_memory_that_is_there_twice_or_lacks_a_column_is_refused(files: Files, target: Company) -> None:
    (row,) = rows_of(files, "task_occurrence")
    for rows, pointer, code in (
        ([row, row], "/2/task_id", "duplicate"),
        ([{"task_id": row["task_id"], "rule": row["rule"]}], "/1/next_id", "required"),
    ):
        refused = import_archive(target, packed(with_rows(files, "task_occurrence", rows)))
        (fault,) = refused.json["errors"]
        assert (fault["pointer"], fault["code"]) == (f"/data/task_occurrence.jsonl{pointer}", code)
        assert is_untouched(target)
