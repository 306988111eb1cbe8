"""A whole company as a file: out of one and into another."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import orjson
import pytest

from crmtenant import advisory_locks
from crmtenant.demo.people import FOUNDER, MANAGER, VIEWER, WORKER
from crmtenant.demo.writer import DemoWriter
from crmtenant.services.members.members import find_all
from tests.functional.furnishing import furnish
from tests.functional.installation import Company
from tests.functional.transfer.archives import (
    NOUNS,
    import_archive,
    is_untouched,
    packed,
    rows_of,
    sheet_of,
    unpacked,
    with_rows,
    without_field,
    zipped,
)

PEOPLE = ("created_by", "updated_by", "deleted_by", "owner_id", "assignee_ids", "member_ids")


def test_projects_and_tasks_come_as_tables_for_people(source: Company, exported: bytes) -> None:
    files = unpacked(exported)
    facts = orjson.loads(files["manifest.json"])["files"]
    for noun, title in (("project", "name"), ("task", "title")):
        rows = {int(row["id"]): row for row in sheet_of(files, f"{noun}s.csv")}
        live = [row for row in rows_of(files, noun) if row["deleted_at"] is None]
        assert {row_id: row[title].removeprefix("'") for row_id, row in rows.items()} == {
            row["id"]: row[title] for row in live
        }
        assert facts[f"{noun}s.csv"]["rows"] == len(live) > 0
        assert {row["created_by"] for row in rows.values()} <= {
            one["name"] for one in orjson.loads(files["people.json"])
        }
    names = {row["id"]: row["name"] for row in rows_of(files, "project")}
    tasks = {row["id"]: row for row in rows_of(files, "task")}
    for row in sheet_of(files, "tasks.csv"):
        project = tasks[int(row["id"])]["project_id"]
        assert row["project"] == (names[project] if project else "")


def test_no_cell_of_a_table_is_computed(target: Company) -> None:
    owner = target.client()
    owner.create("/api/tasks", title="=HYPERLINK(1)", labels=["a,b"])
    (row,) = sheet_of(unpacked(owner.get("/api/company/export").body), "tasks.csv")
    assert row["title"] == "'=HYPERLINK(1)"
    assert row["labels"] == "a\\,b"


def test_an_export_says_what_is_in_it(source: Company, exported: bytes) -> None:
    files = unpacked(exported)
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
        assert {frozenset(row) for row in rows_of(files, table)} == {frozenset(columns)}
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
    answer = import_archive(target, exported)
    assert answer.status_int == 200, answer.text
    assert answer.json["contacts"] == source.counts()["contact"]
    assert answer.json["people_kept"] == 0
    again = target.client().get("/api/company/export").body
    before, after = unpacked(exported), unpacked(again)
    for table in NOUNS:
        mine, theirs = rows_of(before, table), rows_of(after, table)
        for row in (*mine, *theirs):
            for name in PEOPLE:
                row.pop(name, None)
        assert mine == theirs, table
    made = target.client().create("/api/contacts", given_name="Next")
    assert made["id"] == max(row["id"] for row in rows_of(before, "contact")) + 1
    assert target.client().read("/api/contacts", q="Späte")["items"]
    assert {row["created_by"] for row in rows_of(after, "task")} == {target.people["owner"]}


def test_members_stay_themselves_and_others_are_found_by_address(
    source: Company, target: Company, exported: bytes
) -> None:
    files = unpacked(exported)
    people = orjson.loads(files["people.json"])
    with target.platform.databases.catalog.reading() as reader:
        admin = next(one for one in find_all(reader, target.id) if one.role == "admin")
    for one in people:
        if one["role"] == "member":
            one["email"] = admin.email.upper()
    answer = import_archive(target, packed({**files, "people.json": orjson.dumps(people)}))
    assert answer.status_int == 200, answer.text
    task = target.client().read("/api/tasks", q="Of two")["items"][0]
    assert task["assignee_ids"] == [admin.id]
    assert answer.json["people_kept"] == 1


def test_only_into_an_empty_company(source: Company, target: Company, exported: bytes) -> None:
    contact = target.client().create("/api/contacts", given_name="There")
    target.client().delete(f"/api/contacts/{contact['id']}")
    answer = import_archive(target, exported)
    assert (answer.status_int, answer.json["code"]) == (409, "company_not_empty")
    assert target.counts()["contact"] == 1


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_take_everything_along(role: str, source: Company, exported: bytes) -> None:
    assert source.client(role).get("/api/company/export").status_int == 403
    assert import_archive(source, exported, role).status_int == 403


def test_an_export_of_an_older_release_is_taken(target: Company, exported: bytes) -> None:
    files = unpacked(exported)
    del files["data/saved_view.jsonl"]
    manifest = orjson.loads(files["manifest.json"])
    del manifest["files"]["data/saved_view.jsonl"]
    manifest["schema_revision"] = "0001"
    files["manifest.json"] = orjson.dumps(manifest)
    for table in (noun for noun in NOUNS if noun != "saved_view"):
        files = with_rows(files, table, [without_field(row, "updated_by") for row in rows_of(files, table)])
    answer = import_archive(target, packed(files))
    assert answer.status_int == 200, answer.text
    assert answer.json["views"] == 0


@pytest.mark.parametrize("revision", ["9999", "", "0000"])
def test_an_unknown_schema_is_refused(revision: str, target: Company, exported: bytes) -> None:
    files = unpacked(exported)
    manifest = orjson.loads(files["manifest.json"])
    files["manifest.json"] = orjson.dumps({**manifest, "schema_revision": revision})
    answer = import_archive(target, zipped(files))
    assert (answer.status_int, answer.json["code"]) == (422, "unknown_schema")
    assert is_untouched(target)


def test_a_company_full_of_work_comes_in_whole(
    new_company: Callable[[str], Company], target: Company
) -> None:
    busy = new_company("Busy")
    with busy.platform.databases.broker.begin(busy.address) as session:
        DemoWriter(session, dict.fromkeys((FOUNDER, MANAGER, WORKER, VIEWER), busy.people["owner"])).write()
    exported = busy.client().get("/api/company/export").body
    answer = import_archive(target, exported)
    assert answer.status_int == 200, answer.text
    assert target.counts() == busy.counts()
    assert target.counts()["task"] > 50


def test_an_export_holds_one_companys_rows(source: Company, north: Company, exported: bytes) -> None:
    furnish(north)
    everything = b"".join(unpacked(exported).values())
    assert not any(name.encode() in everything for name in (north.id, north.slug, *north.people.values()))
    mine = b"".join(unpacked(north.client().get("/api/company/export").body).values())
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
