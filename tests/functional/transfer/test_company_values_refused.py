"""Files of companies whose rows have values that no row can have, or that contradict each other."""

from __future__ import annotations

from typing import Any

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

BAD_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("contact", {"id": "1"}), ("contact", {"id": 2**63}), ("contact", {"id": 2**60}), ("contact", {"id": 2}), ("contact", {"kind": "robot"}),
    ("contact", {"emails": "x"}), ("contact", {"emails": [1]}), ("contact", {"emails": [{"value": "no address"}]}), ("contact", {"name": None, "kind": "organization"}),
    ("contact", {"organization_id": 99999}), ("contact", {"organization_id": 1}), ("contact", {"organization_id": True}), ("contact", {"organization_id": [1]}),
    ("contact", {"birthday": "31.12.2000"}), ("contact", {"note": "a\x00b"}), ("contact", {"created_by": "me"}), ("contact", {"created_by": None}),
    ("contact", {"version": 0}), ("contact", {"version": 2**63}), ("contact", {"created_at": "yesterday"}), ("contact", {"surprise": 1}), ("contact", {"owner_id": 7}),
    ("project", {"status": "lost"}), ("project", {"contact_id": 99999}), ("project", {"member_ids": "x"}), ("project", {"due_on": "2020-01-01", "start_on": "2021-01-01"}),
    ("board_column", {"project_id": 99999}), ("board_column", {"position": None}), ("board_column", {"is_done": "no"}),
    ("task", {"parent_id": 1}), ("task", {"parent_id": 2}), ("task", {"column_id": 99999}), ("task", {"priority": 9}), ("task", {"recurrence": "NEVER"}),
    ("task", {"position": 1e300}), ("task", {"title": "x" * 100_000}), ("task", {"due_on": "0000-01-01"}),
    ("entry", {"subject_id": 99999}), ("entry", {"subject_type": "letter"}), ("entry", {"subject_type": None}), ("entry", {"parent_id": 99999}),
    ("entry", {"contact_ids": [99999]}), ("entry", {"contact_ids": []}), ("entry", {"organization_ids": [99999]}), ("entry", {"organization_ids": None}),
    ("entry", {"happened_at": None}), ("entry", {"happened_at": "2999-01-01T00:00:00Z"}), ("entry", {"body": ""}), ("entry", {"outcome": "reached"}),
    ("entry", {"parent_id": 2, "kind": "comment", "contact_ids": []}), ("entry", {"mentions": None, "body": 5}),
    ("saved_view", {"page": "secrets"}), ("saved_view", {"query": []}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change"), BAD_ROWS, ids=lambda value: str(value)[:40])
def test_a_bad_value_is_named_by_file_and_line(
    table: str, change: dict[str, Any], target: Company, exported_few: bytes
) -> None:
    files = unpacked(exported_few)
    rows = rows_of(files, table)
    if table == "task" and change == {"parent_id": 2}:
        assert rows[1]["parent_id"] == 1
    answer = import_archive(target, packed(with_rows(files, table, [{**rows[0], **change}, *rows[1:]])))
    assert answer.status_int == 422, answer.text
    assert answer.json["code"] == "invalid_import"
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/")
    assert f"data/{table}.jsonl, line " in answer.json["detail"]
    assert is_untouched(target)


def _task_beside(files: Files, **change: Any) -> tuple[Files, int]:
    """The files with one more task, in the first project, that is like the first but for the change; and its line."""
    rows = rows_of(files, "task")
    new = {**rows[0], "id": 1_000_000, "parent_id": None, "column_id": None, **change}
    return with_rows(files, "task", [*rows, new]), len(rows) + 1


def _column_of(files: Files, *, is_of_first: bool) -> int:
    first = rows_of(files, "task")[0]["project_id"]
    columns = rows_of(files, "board_column")
    return int(next(row["id"] for row in columns if (row["project_id"] == first) is is_of_first))


def test_a_task_is_in_a_column_of_its_projects_board(target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    mine, other = _column_of(files, is_of_first=True), _column_of(files, is_of_first=False)
    wrong, line = _task_beside(files, column_id=other)
    answer = import_archive(target, packed(wrong))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert answer.json["errors"] == [
        {
            "pointer": f"/data/task.jsonl/{line}/column_id",
            "code": "unknown_reference",
            "detail": f"data/task.jsonl, line {line}: The column is not on the board of the task's project.",
        }
    ]
    nowhere, _ = _task_beside(files, column_id=mine, project_id=None)
    answer = import_archive(target, packed(nowhere))
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [
        f"/data/task.jsonl/{line}/column_id"
    ]
    assert is_untouched(target)
    right, _ = _task_beside(files, column_id=mine)
    assert import_archive(target, packed(right)).status_int == 200


@pytest.mark.parametrize("table", ["board_column", "task"])
def test_what_is_not_in_the_trash_is_of_no_project_there(
    table: str, target: Company, exported_few: bytes
) -> None:
    files = unpacked(exported_few)
    mine = next(row for row in rows_of(files, table) if row["project_id"] and not row["deleted_at"])
    in_trash = {"deleted_at": "2026-01-01T00:00:00Z", "deleted_by": mine["created_by"]}

    def with_trashed(noun: str, which: str) -> Files:
        rows = [
            {**row, **in_trash} if row[which] == mine["project_id"] else row for row in rows_of(files, noun)
        ]
        return with_rows(files, noun, rows)

    files = with_trashed("project", "id")
    other = "task" if table == "board_column" else "board_column"
    files = with_trashed(other, "project_id")
    answer = import_archive(target, packed(files))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    field_error = answer.json["errors"][0]
    assert field_error["pointer"].startswith(f"/data/{table}.jsonl/")
    assert (field_error["pointer"].rpartition("/")[2], field_error["code"]) == (
        "project_id",
        "parent_in_trash",
    )
    assert is_untouched(target)
    assert import_archive(target, packed(with_trashed(table, "project_id"))).status_int == 200


def test_an_organisation_is_one(target: Company, exported_few: bytes) -> None:
    files = unpacked(exported_few)
    rows = rows_of(files, "contact")
    person, staff = (
        next(row for row in rows if row["kind"] == "person" and bool(row["organization_id"]) is has_one)
        for has_one in (False, True)
    )

    def with_staff(**change: Any) -> Files:
        changed = {**staff, "organization_id": person["id"], **change}
        return with_rows(files, "contact", [changed if row is staff else row for row in rows])

    answer = import_archive(target, packed(with_staff()))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert (
        answer.json["errors"][0]["pointer"] == f"/data/contact.jsonl/{rows.index(staff) + 1}/organization_id"
    )
    assert is_untouched(target)
    # In the trash it may have become a person meanwhile.
    thrown_away = {"deleted_at": "2026-01-01T00:00:00Z", "deleted_by": staff["created_by"]}
    # What is written on it goes along.
    without_entries = with_rows(with_staff(**thrown_away), "entry", [])
    assert import_archive(target, packed(without_entries)).status_int == 200


@pytest.mark.parametrize("is_in_project", [True, False])
@pytest.mark.parametrize("is_above_first", [True, False])
def test_a_task_is_below_one_of_its_own_project(
    is_in_project: bool, is_above_first: bool, target: Company, exported_few: bytes
) -> None:
    files = unpacked(exported_few)
    other = next(row["id"] for row in rows_of(files, "project") if row["id"] != 1)
    changed, line = _task_beside(
        files, project_id=other if is_in_project else None, parent_id=rows_of(files, "task")[0]["id"]
    )
    if is_above_first:
        rows = rows_of(changed, "task")
        changed, line = with_rows(changed, "task", [rows[-1], *rows[:-1]]), 1
    answer = import_archive(target, packed(changed))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [
        f"/data/task.jsonl/{line}/parent_id"
    ]
    assert is_untouched(target)
