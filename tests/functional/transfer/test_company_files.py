"""A whole company as a file: out of one, into another, and what of it is refused."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from crmtenant import advisory_locks
from crmtenant.api.transfer import company_files
from crmtenant.demo.people import FOUNDER, MANAGER, VIEWER, WORKER
from crmtenant.demo.writer import DemoWriter
from crmtenant.services.identity.members import find_all
from tests.functional.furnishing import furnish
from tests.functional.installation import Company

ZIP = {"Content-Type": "application/zip"}
NOUNS = ("contact", "project", "board_column", "task", "saved_view")
PEOPLE = ("created_by", "updated_by", "deleted_by", "owner_id", "assignee_ids", "member_ids")

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def source(new_company: Callable[[str], Company]) -> Company:
    """A company with a row in every table, in the trash too."""
    company = new_company("Wellspring")
    furnish(company)
    ask = company.client()
    member = company.people["member"]
    ask.create(
        "/api/tasks",
        title="Of two",
        assignee_ids=[member, company.people["owner"]],
        due_at="2026-11-25T23:30:00+02:00",
    )
    late = ask.create("/api/contacts", kind="organization", name="Späte GmbH")["id"]
    ask.patch("/api/contacts/2", {"organization_id": late})
    ask.patch("/api/tasks/1", {"status": "done"})
    ask.post(
        "/api/contacts/bulk", {"create": [{"given_name": "B", "family_name": str(n)} for n in range(600)]}
    )
    return company


@pytest.fixture(scope="module")
def exported(source: Company) -> bytes:
    answer = source.client().get("/api/company/export")
    assert answer.status_int == 200
    assert answer.content_type == "application/zip"
    assert source.slug in answer.headers["Content-Disposition"]
    return bytes(answer.body)


@pytest.fixture(scope="module")
def target_for_all(new_company: Callable[[str], Company]) -> Company:
    return new_company("Target")


@pytest.fixture
def target(target_for_all: Company) -> Company:
    """A company with nothing in it."""
    target_for_all.empty()
    return target_for_all


def _files(content: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(files: Files) -> bytes:
    """A zip of the files whose manifest tells the truth of them."""
    manifest = orjson.loads(files["manifest.json"])
    for name, facts in manifest["files"].items():
        if name in files:
            facts["sha256"] = hashlib.sha256(files[name]).hexdigest()
            if name.endswith(".jsonl"):
                facts["rows"] = files[name].count(b"\n")
    return _zip({**files, "manifest.json": orjson.dumps(manifest)})


def _zip(files: Files) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def _rows(files: Files, table: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in files[f"data/{table}.jsonl"].splitlines()]


def _with(files: Files, table: str, rows: list[dict[str, Any]]) -> Files:
    return {**files, f"data/{table}.jsonl": b"".join(orjson.dumps(row) + b"\n" for row in rows)}


def _import(company: Company, content: bytes, role: str = "owner") -> Any:
    return company.client(role).raw("POST", "/api/company/import", content, ZIP)


def _is_untouched(company: Company) -> bool:
    return set(company.counts().values()) == {0}


def _sheet(files: Files, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(files[name].decode("utf-8-sig"), newline="")))


def test_projects_and_tasks_come_as_tables_for_people(source: Company, exported: bytes) -> None:
    files = _files(exported)
    facts = orjson.loads(files["manifest.json"])["files"]
    for noun, title in (("project", "name"), ("task", "title")):
        rows = {int(row["id"]): row for row in _sheet(files, f"{noun}s.csv")}
        live = [row for row in _rows(files, noun) if row["deleted_at"] is None]
        assert {row_id: row[title].removeprefix("'") for row_id, row in rows.items()} == {
            row["id"]: row[title] for row in live
        }
        assert facts[f"{noun}s.csv"]["rows"] == len(live) > 0
        assert {row["created_by"] for row in rows.values()} <= {
            one["name"] for one in orjson.loads(files["people.json"])
        }
    names = {row["id"]: row["name"] for row in _rows(files, "project")}
    tasks = {row["id"]: row for row in _rows(files, "task")}
    for row in _sheet(files, "tasks.csv"):
        project = tasks[int(row["id"])]["project_id"]
        assert row["project"] == (names[project] if project else "")


def test_no_cell_of_a_table_is_computed(target: Company) -> None:
    owner = target.client()
    owner.create("/api/tasks", title="=HYPERLINK(1)", labels=["a,b"])
    (row,) = _sheet(_files(owner.get("/api/company/export").body), "tasks.csv")
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["labels"] == "a\\,b"


def test_an_export_says_what_is_in_it(source: Company, exported: bytes) -> None:
    files = _files(exported)
    manifest = orjson.loads(files["manifest.json"])
    assert set(manifest["files"]) | {"manifest.json"} == set(files)
    for name, facts in manifest["files"].items():
        assert facts["sha256"] == hashlib.sha256(files[name]).hexdigest(), name
    counts = source.counts()
    assert {table: manifest["files"][f"data/{table}.jsonl"]["rows"] for table in NOUNS} == {
        table: counts[table] for table in NOUNS
    }
    for table in NOUNS:
        columns = {
            name
            for (name,) in source.rows(
                "SELECT column_name FROM information_schema.columns WHERE table_name = %s", table
            )
        }
        assert {frozenset(row) for row in _rows(files, table)} == {frozenset(columns)}
    people = {one["id"]: one for one in orjson.loads(files["people.json"])}
    assert set(people) == set(source.people.values())
    assert set(people[source.people["owner"]]) == {"id", "name", "email", "role"}
    live = counts["live contact"]
    assert manifest["files"]["contacts.csv"]["rows"] == live
    assert files["contacts.csv"].count(b"\n") == live + 1
    assert source.address.database.encode() not in b"".join(files.values())


def test_what_was_exported_comes_into_an_empty_company_whole(
    source: Company, target: Company, exported: bytes
) -> None:
    answer = _import(target, exported)
    assert answer.status_int == 200, answer.text
    assert answer.json["contacts"] == source.counts()["contact"]
    assert answer.json["people_kept"] == 0
    again = target.client().get("/api/company/export").body
    before, after = _files(exported), _files(again)
    for table in NOUNS:
        mine, theirs = _rows(before, table), _rows(after, table)
        for row in (*mine, *theirs):
            for name in PEOPLE:
                row.pop(name, None)
        assert mine == theirs, table
    made = target.client().create("/api/contacts", given_name="Next")
    assert made["id"] == max(row["id"] for row in _rows(before, "contact")) + 1
    assert target.client().read("/api/contacts", q="Späte")["items"]
    assert {row["created_by"] for row in _rows(after, "task")} == {target.people["owner"]}


def test_members_stay_themselves_and_others_are_found_by_address(
    source: Company, target: Company, exported: bytes
) -> None:
    files = _files(exported)
    people = orjson.loads(files["people.json"])
    with target.platform.databases.catalog.reading() as reader:
        admin = next(one for one in find_all(reader, target.id) if one.role == "admin")
    for one in people:
        if one["role"] == "member":
            one["email"] = admin.email.upper()
    answer = _import(target, _packed({**files, "people.json": orjson.dumps(people)}))
    assert answer.status_int == 200, answer.text
    task = target.client().read("/api/tasks", q="Of two")["items"][0]
    assert task["assignee_ids"] == [admin.id]
    assert answer.json["people_kept"] == 1


def test_only_into_an_empty_company(source: Company, target: Company, exported: bytes) -> None:
    contact = target.client().create("/api/contacts", given_name="There")
    target.client().delete(f"/api/contacts/{contact['id']}")
    answer = _import(target, exported)
    assert (answer.status_int, answer.json["code"]) == (409, "company_not_empty")
    assert target.counts()["contact"] == 1


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_take_everything_along(role: str, source: Company, exported: bytes) -> None:
    assert source.client(role).get("/api/company/export").status_int == 403
    assert _import(source, exported, role).status_int == 403


def test_an_export_of_an_older_release_is_taken(target: Company, exported: bytes) -> None:
    files = _files(exported)
    del files["data/saved_view.jsonl"]
    manifest = orjson.loads(files["manifest.json"])
    del manifest["files"]["data/saved_view.jsonl"]
    manifest["schema_revision"] = "0001"
    files["manifest.json"] = orjson.dumps(manifest)
    for table in NOUNS[:-1]:
        files = _with(files, table, [_less(row, "updated_by") for row in _rows(files, table)])
    answer = _import(target, _packed(files))
    assert answer.status_int == 200, answer.text
    assert answer.json["views"] == 0


@pytest.mark.parametrize("revision", ["9999", "", "0000"])
def test_an_unknown_schema_is_refused(revision: str, target: Company, exported: bytes) -> None:
    files = _files(exported)
    manifest = orjson.loads(files["manifest.json"])
    files["manifest.json"] = orjson.dumps({**manifest, "schema_revision": revision})
    answer = _import(target, _zip(files))
    assert (answer.status_int, answer.json["code"]) == (422, "unknown_schema")
    assert _is_untouched(target)


def _less(row: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key != name}


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
    ("saved_view", {"page": "secrets"}), ("saved_view", {"query": []}),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change"), BAD_ROWS, ids=lambda value: str(value)[:40])
def test_a_bad_value_is_named_by_file_and_line(
    table: str, change: dict[str, Any], target: Company, exported: bytes
) -> None:
    files = _files(exported)
    rows = _rows(files, table)
    if table == "task" and change == {"parent_id": 2}:
        assert rows[1]["parent_id"] == 1
    answer = _import(target, _packed(_with(files, table, [{**rows[0], **change}, *rows[1:]])))
    assert answer.status_int == 422, answer.text
    assert answer.json["code"] == "invalid_import"
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/")
    assert f"data/{table}.jsonl, line " in answer.json["detail"]
    assert _is_untouched(target)


def test_a_company_full_of_work_comes_in_whole(
    new_company: Callable[[str], Company], target: Company
) -> None:
    busy = new_company("Busy")
    with busy.platform.databases.broker.begin(busy.address) as session:
        DemoWriter(session, dict.fromkeys((FOUNDER, MANAGER, WORKER, VIEWER), busy.people["owner"])).write()
    exported = busy.client().get("/api/company/export").body
    answer = _import(target, exported)
    assert answer.status_int == 200, answer.text
    assert target.counts() == busy.counts()
    assert target.counts()["task"] > 50


def _task_beside(files: Files, **change: Any) -> tuple[Files, int]:
    """The files with one more task, in the first project, that is like the first but for the change; and its line."""
    rows = _rows(files, "task")
    new = {**rows[0], "id": 1_000_000, "parent_id": None, "column_id": None, **change}
    return _with(files, "task", [*rows, new]), len(rows) + 1


def _column_of(files: Files, *, is_of_first: bool) -> int:
    first = _rows(files, "task")[0]["project_id"]
    columns = _rows(files, "board_column")
    return int(next(row["id"] for row in columns if (row["project_id"] == first) is is_of_first))


def test_a_task_is_in_a_column_of_its_projects_board(target: Company, exported: bytes) -> None:
    files = _files(exported)
    mine, other = _column_of(files, is_of_first=True), _column_of(files, is_of_first=False)
    wrong, line = _task_beside(files, column_id=other)
    answer = _import(target, _packed(wrong))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert answer.json["errors"] == [
        {
            "pointer": f"/data/task.jsonl/{line}/column_id",
            "code": "unknown_reference",
            "detail": f"data/task.jsonl, line {line}: The column is not on the board of the task's project.",
        }
    ]
    nowhere, _ = _task_beside(files, column_id=mine, project_id=None)
    answer = _import(target, _packed(nowhere))
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [
        f"/data/task.jsonl/{line}/column_id"
    ]
    assert _is_untouched(target)
    right, _ = _task_beside(files, column_id=mine)
    assert _import(target, _packed(right)).status_int == 200


@pytest.mark.parametrize("table", ["board_column", "task"])
def test_what_is_not_in_the_trash_is_of_no_project_there(
    table: str, target: Company, exported: bytes
) -> None:
    files = _files(exported)
    mine = next(row for row in _rows(files, table) if row["project_id"] and not row["deleted_at"])
    in_trash = {"deleted_at": "2026-01-01T00:00:00Z", "deleted_by": mine["created_by"]}

    def with_trashed(noun: str, which: str) -> Files:
        rows = [
            {**row, **in_trash} if row[which] == mine["project_id"] else row for row in _rows(files, noun)
        ]
        return _with(files, noun, rows)

    files = with_trashed("project", "id")
    other = "task" if table == "board_column" else "board_column"
    files = with_trashed(other, "project_id")
    answer = _import(target, _packed(files))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    field_error = answer.json["errors"][0]
    assert field_error["pointer"].startswith(f"/data/{table}.jsonl/")
    assert (field_error["pointer"].rpartition("/")[2], field_error["code"]) == (
        "project_id",
        "parent_in_trash",
    )
    assert _is_untouched(target)
    assert _import(target, _packed(with_trashed(table, "project_id"))).status_int == 200


def test_an_organisation_is_one(target: Company, exported: bytes) -> None:
    files = _files(exported)
    rows = _rows(files, "contact")
    person, staff = (
        next(row for row in rows if row["kind"] == "person" and bool(row["organization_id"]) is has_one)
        for has_one in (False, True)
    )

    def with_staff(**change: Any) -> Files:
        changed = {**staff, "organization_id": person["id"], **change}
        return _with(files, "contact", [changed if row is staff else row for row in rows])

    answer = _import(target, _packed(with_staff()))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert (
        answer.json["errors"][0]["pointer"] == f"/data/contact.jsonl/{rows.index(staff) + 1}/organization_id"
    )
    assert _is_untouched(target)
    # In the trash it may have become a person meanwhile.
    thrown_away = {"deleted_at": "2026-01-01T00:00:00Z", "deleted_by": staff["created_by"]}
    assert _import(target, _packed(with_staff(**thrown_away))).status_int == 200


@pytest.mark.parametrize("is_in_project", [True, False])
@pytest.mark.parametrize("is_above_first", [True, False])
def test_a_task_is_below_one_of_its_own_project(
    is_in_project: bool, is_above_first: bool, target: Company, exported: bytes
) -> None:
    files = _files(exported)
    other = next(row["id"] for row in _rows(files, "project") if row["id"] != 1)
    changed, line = _task_beside(
        files, project_id=other if is_in_project else None, parent_id=_rows(files, "task")[0]["id"]
    )
    if is_above_first:
        rows = _rows(changed, "task")
        changed, line = _with(changed, "task", [rows[-1], *rows[:-1]]), 1
    answer = _import(target, _packed(changed))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import")
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [
        f"/data/task.jsonl/{line}/parent_id"
    ]
    assert _is_untouched(target)


@pytest.mark.parametrize("table", NOUNS)
@pytest.mark.parametrize("row_id", [0, 2**53, 2**63, 10**30, 1.5, True, None, "1", [1]])
def test_an_id_that_is_none_is_refused(row_id: Any, table: str, target: Company, exported: bytes) -> None:
    files = _files(exported)
    first, *rest = files[f"data/{table}.jsonl"].splitlines(keepends=True)
    line = json.dumps({**json.loads(first), "id": row_id}).encode() + b"\n"
    answer = _import(target, _packed({**files, f"data/{table}.jsonl": b"".join([line, *rest])}))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import"), answer.text
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/1")
    assert _is_untouched(target)


@pytest.mark.parametrize("table", NOUNS)
def test_an_id_that_is_there_twice_is_refused(table: str, target: Company, exported: bytes) -> None:
    files = _files(exported)
    rows = _rows(files, table)
    answer = _import(target, _packed(_with(files, table, [*rows, rows[0]])))
    assert answer.status_int == 422
    assert answer.json["errors"][0]["pointer"] == f"/data/{table}.jsonl/{len(rows) + 1}/id"
    assert answer.json["errors"][0]["code"] == "duplicate"
    assert _is_untouched(target)


REFERENCES = [
    ("contact", "organization_id"), ("project", "contact_id"), ("board_column", "project_id"), ("task", "project_id"),
    ("task", "parent_id"), ("task", "column_id"), ("task", "contact_id"),
]  # fmt: skip


@pytest.mark.parametrize("value", [0, 99_999, 2**63, 10**30, 1.5, True, "1", [1]])
@pytest.mark.parametrize(("table", "column"), REFERENCES)
def test_a_reference_to_nothing_is_refused(
    table: str, column: str, value: Any, target: Company, exported: bytes
) -> None:
    files = _files(exported)
    first, *rest = files[f"data/{table}.jsonl"].splitlines(keepends=True)
    line = json.dumps({**json.loads(first), column: value}).encode() + b"\n"
    answer = _import(target, _packed({**files, f"data/{table}.jsonl": b"".join([line, *rest])}))
    assert (answer.status_int, answer.json["code"]) == (422, "invalid_import"), answer.text
    assert answer.json["errors"][0]["pointer"].startswith(f"/data/{table}.jsonl/1")
    assert _is_untouched(target)


@pytest.mark.parametrize("name", ["a\x00b", "x" * 100_000, 7, None, ["a"]])
def test_an_organisation_that_comes_late_and_is_none_is_refused(
    name: Any, target: Company, exported: bytes
) -> None:
    files = _files(exported)
    rows = _rows(files, "contact")
    late = next(row for row in rows if row["name"] == "Späte GmbH")
    others = [row for row in rows if row is not late]
    assert len(others) > 500
    answer = _import(target, _packed(_with(files, "contact", [*others, {**late, "name": name}])))
    assert answer.status_int == 422, answer.text
    assert answer.json["errors"][0]["pointer"] == f"/data/contact.jsonl/{len(rows)}/name"
    assert _is_untouched(target)


def test_a_column_left_out_is_refused(target: Company, exported: bytes) -> None:
    files = _files(exported)
    rows = [_less(row, "tags") for row in _rows(files, "contact")]
    answer = _import(target, _packed(_with(files, "contact", rows)))
    assert answer.json["errors"][0]["pointer"] == "/data/contact.jsonl/1/tags"
    assert answer.status_int == 422


@pytest.mark.parametrize("name", ["data/task.jsonl", "people.json", "manifest.json", "contacts.csv"])
def test_a_missing_file_is_named(name: str, target: Company, exported: bytes) -> None:
    answer = _import(target, _packed_less(_files(exported), name))
    assert answer.status_int == 422
    assert name in answer.json["detail"]
    assert _is_untouched(target)


def _packed_less(files: Files, name: str) -> bytes:
    return _zip({key: value for key, value in files.items() if key != name})


@pytest.mark.parametrize(
    "name",
    [
        "../etc/passwd",
        "/data/task.jsonl",
        "data\\task.jsonl",
        "data/../x",
        "attachments/x",
        "alembic_version",
    ],
)
def test_a_foreign_name_is_refused(name: str, target: Company, exported: bytes) -> None:
    answer = _import(target, _zip({**_files(exported), name: b"x"}))
    assert (answer.status_int, answer.json["errors"][0]["code"]) == (422, "unknown_file")


def test_a_name_that_is_there_twice_is_refused(target: Company, exported: bytes) -> None:
    packed = io.BytesIO(exported)
    with zipfile.ZipFile(packed, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("data/task.jsonl", b"")
    answer = _import(target, packed.getvalue())
    assert (answer.status_int, answer.json["errors"][0]["code"]) == (422, "duplicate_file")


def test_a_bomb_is_not_unpacked(target: Company, exported: bytes) -> None:
    answer = _import(target, _zip({**_files(exported), "contacts.csv": bytes(50 << 20)}))
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")


def test_more_than_is_unpacked_is_refused(
    target: Company, exported: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(company_files, "UNPACKED", 0)
    answer = _import(target, exported)
    assert (answer.status_int, answer.json["code"]) == (413, "too_large")


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused(seed: int, target: Company, exported: bytes) -> None:
    chance = random.Random(seed)
    damaged = bytearray(exported)
    if seed % 4 == 0:
        del damaged[chance.randrange(len(damaged)) :]
    elif seed % 4 == 1:
        start = chance.randrange(len(damaged) - 64)
        damaged[start : start + 64] = chance.randbytes(64)
    elif seed % 4 == 2:
        start = chance.randrange(len(damaged))
        del damaged[start : start + 100]
    else:
        central = damaged.rindex(b"PK\x05\x06") - chance.randrange(1, 400)
        damaged[central : central + 8] = chance.randbytes(8)
    answer = _import(target, bytes(damaged))
    assert answer.status_int in {413, 422}, (seed, answer.text)
    assert answer.json["detail"]
    assert _is_untouched(target)


@pytest.mark.parametrize("content", [b"", b"PK", b"[]", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_export_is_refused(content: bytes, target: Company) -> None:
    assert _import(target, content).status_int == 422


def test_an_export_holds_one_companys_rows(source: Company, north: Company, exported: bytes) -> None:
    furnish(north)
    everything = b"".join(_files(exported).values())
    assert not any(name.encode() in everything for name in (north.id, north.slug, *north.people.values()))
    mine = b"".join(_files(north.client().get("/api/company/export").body).values())
    assert not any(name.encode() in mine for name in (source.id, source.slug, *source.people.values()))


def test_two_exports_at_once_take_turns(source: Company) -> None:
    snapshot_of_another = source.address.connect()
    try:
        with snapshot_of_another.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [advisory_locks.COMPANY_EXPORT])
        answer = source.client().get("/api/company/export")
        assert (answer.status_int, answer.json["code"]) == (409, "export_running")
    finally:
        # Not only hung up: the server would notice that a moment later.
        snapshot_of_another.rollback()
        snapshot_of_another.close()
    assert source.client().get("/api/company/export").status_int == 200
