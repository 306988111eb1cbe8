"""Erasing a person: afterwards a dump of the database holds nothing of them."""

from __future__ import annotations

import os
import subprocess
from typing import Any

import psycopg2
import pytest

from crmtenant.db.embedded.programs import client_program
from tests.functional.installation import Client, Company

ADA: dict[str, Any] = {
    "prefix": "Countess",
    "given_name": "Ada-Quillon",
    "middle_name": "Augusta",
    "family_name": 'Love"lace\\ (Ümit)',
    "suffix": "FRSx",
    "nickname": "Enchantress",
    "job_title": "Numberlady",
    "department": "Analytics-Dept",
    "emails": [{"value": "ada@engine-one.example", "label": "private"}, {"value": "lovelace@engine-two.example"}],
    "phones": [{"value": "+49 30 7778889", "label": "desk"}],
    "addresses": [{"street": "Fourteen Byronstreet", "city": "Ockhamtown", "postal_code": "99887", "country": "GB"}],
    "urls": [{"value": "https://ada.engine-one.example/home"}],
    "birthday": "1815-12-10",
    "note": "Likes flutterbyes and punchcards.",
    "tags": ["poetical-scientist"],
    "custom": {"Patroness": "Somervilleish"},
    "source": "Babbage-dinner",
}  # fmt: skip


def values_of(value: Any) -> set[str]:
    """Every text in it that is a person's own."""
    if isinstance(value, dict):
        return {
            text for key, one in value.items() if key not in {"label", "country"} for text in values_of(one)
        }
    if isinstance(value, list):
        return {text for one in value for text in values_of(one)}
    return {value} if isinstance(value, str) else set()


def dump(company: Company) -> str:
    """Everything that is in the company's database."""
    address = company.server.admin(company.address.database)
    version = company.administration.rows("SHOW server_version_num")[0][0]
    environment = {"PGHOST": address.host, "PGPORT": str(address.port), "PGUSER": address.user}
    program = str(client_program("pg_dump", int(version) // 10_000))
    arguments = [program, "--data-only", "--inserts", "--no-password", address.database]
    password = {"PGPASSWORD": address.password} if address.password else {}
    return subprocess.run(
        arguments, env={**os.environ, **environment, **password}, check=True, capture_output=True, text=True
    ).stdout


def found_in(text: str, values: set[str]) -> set[str]:
    """Which of these are in it, as they are or as JSON spells them, in whatever case."""
    spelled = {value: {value, value.replace("\\", "\\\\").replace('"', '\\"')} for value in values}
    return {value for value, ways in spelled.items() if any(way.lower() in text.lower() for way in ways)}


@pytest.fixture
def ada(owner: Client) -> dict[str, Any]:
    """A contact with a past."""
    key = {"Idempotency-Key": "ada"}
    ada = owner.post("/api/contacts", ADA, key).json
    for name, value in {
        "family_name": "Byronmaiden",
        "note": "An earlier wordset.",
        "custom": {"Patroness": "Greigish"},
        "emails": [{"value": "old@engine-zero.example"}],
        "phones": [{"value": "+49 30 1112223"}],
    }.items():
        owner.patch(f"/api/contacts/{ada['id']}", {name: value})
    changed = {name: ADA[name] for name in ("family_name", "note", "custom", "emails", "phones")}
    return owner.patch(f"/api/contacts/{ada['id']}", changed).json


EARLIER = {
    "Byronmaiden", "An earlier wordset.", "Greigish", "old@engine-zero.example", "+49 30 1112223", "Patroness",
}  # fmt: skip


def erase(owner: Client, contact: dict[str, Any], **headers: str) -> Any:
    return owner.post(f"/api/contacts/{contact['id']}/erase", {"name": contact["name"]}, headers)


def test_a_dump_holds_nothing_of_somebody_who_was_erased(
    owner: Client, north: Company, ada: dict[str, Any]
) -> None:
    ben = owner.create("/api/contacts", given_name="Ben")
    place = f"/api/contacts/{ada['id']}"
    words = {"Talked about the flywheel.", "Answered about the crankshaft.", "Trashed about the cogset."}
    talked, answered, trashed = sorted(words, reverse=True)[0], *sorted(words)[:2]
    note = owner.post(f"{place}/entries", {"body": talked}, {"Idempotency-Key": "note"}).json
    owner.patch(f"/api/entries/{note['id']}", {"body": f"{talked} More."})
    owner.create(f"/api/entries/{note['id']}/entries", body=answered)
    gone = owner.create(f"{place}/entries", body=trashed)
    owner.delete(f"/api/entries/{gone['id']}")
    both = owner.create(f"{place}/entries", body="Met the two.", contact_ids=[ada["id"], ben["id"]])
    owner.create(f"/api/entries/{both['id']}/entries", body="Indeed.")
    task = owner.create("/api/tasks", title=f"Call {ada['name'].upper()}", contact_id=ada["id"])
    owner.patch(f"/api/tasks/{task['id']}", {"title": "Ada-Quillon, or Enchantress?"})
    owner.patch(f"/api/tasks/{task['id']}", {"title": "Write"})
    owner.create("/api/tasks", title="Elsewhere")
    owner.patch("/api/tasks/2", {"description": "write to ADA@engine-one.example or +49 30 7778889."})
    owner.patch("/api/tasks/2", {"description": None})
    north.execute(
        f"INSERT INTO batch (kind, at, by, noun, summary) VALUES"
        f" ('trash', now(), 'u', 'contact', jsonb_build_object('removed', 1, 'title', (SELECT name FROM contact WHERE id = {ada['id']})));"
        f"INSERT INTO batch_row SELECT id, 'contact', {ada['id']}, 'removed', (SELECT to_jsonb(contact) FROM contact WHERE id = {ada['id']}), 1 FROM batch;"
        f"INSERT INTO batch_row SELECT id, 'entry', {note['id']}, 'changed', '{{\"body\": \"{talked}\"}}', 1 FROM batch;"
        f"INSERT INTO batch_row SELECT id, 'task', 2, 'changed', '{{\"title\": \"lovelace@engine-two.example\", \"priority\": 1}}', 1 FROM batch"
    )
    everything = values_of(ADA) | EARLIER | words | {ada["name"]}
    assert found_in(dump(north), everything - {"Patroness"}) == everything - {"Patroness"}

    assert erase(owner, ada).status_int == 204

    assert found_in(dump(north), everything) == set()
    assert owner.get(place).status_int == 404
    assert owner.get(f"{place}/history").status_int == 404
    kept = owner.read(f"/api/entries/{both['id']}")
    assert (kept["body"], kept["subject_id"], kept["contact_ids"]) == ("Met the two.", ben["id"], [ben["id"]])
    timeline = owner.read(f"/api/contacts/{ben['id']}/timeline")["items"]
    assert "Met the two." in str(timeline)
    assert north.rows("SELECT count(*) FROM entry") == [(2,)]
    history = owner.read(f"/api/tasks/{task['id']}/history")["items"]
    assert [line["changes"] for line in history] == [
        {"contact_id": [ada["id"], None], "title": ["Call erased", "Write"]},
        {},
    ]
    titles = "SELECT changes -> 'title' FROM change WHERE noun = 'task' AND row_id = 1 AND changes ? 'title'"
    assert [row[0] for row in north.rows(titles)] == [
        ["Call erased", "erased, or erased?"],
        ["erased, or erased?", "Write"],
    ]
    assert north.rows("SELECT noun, before FROM batch_row") == [("task", {"title": "erased", "priority": 1})]
    assert north.rows("SELECT summary FROM batch") == [({"title": "erased", "removed": 1},)]
    assert north.rows("SELECT count(*) FROM answer") == [(0,)]


def test_the_log_still_says_who_did_what_when(owner: Client, north: Company, ada: dict[str, Any]) -> None:
    told = "SELECT seq, number, at, by, noun, row_id, version, verb FROM change ORDER BY seq, number"
    before = north.rows(told)
    erase(owner, ada)
    after = north.rows(told)
    assert after[: len(before)] == before
    assert [row[4:8] for row in after[len(before) :]] == [
        ("contact", ada["id"], ada["version"] + 2, "erased")
    ]
    (first, *_) = north.rows("SELECT changes FROM change WHERE verb = 'changed' ORDER BY seq")
    assert first == ({"name": ["erased", "erased"], "family_name": ["erased", "erased"]},)


def test_names_of_others_stay(owner: Client, north: Company) -> None:
    ann = owner.create("/api/contacts", given_name="Ann")
    ann_lee = owner.create("/api/contacts", given_name="Ann", family_name="Lee")
    for title in ("Annual report of Ann Leeds, Ann and JoAnn Lee", 'key "title": Ann Lee. ann lee2', "x"):
        owner.post("/api/tasks", {"title": title}) if title[0] == "A" else owner.patch(
            "/api/tasks/1", {"title": title}
        )
    assert erase(owner, ann).status_int == 204
    first = owner.read("/api/tasks/1/history")["items"][0]["changes"]["title"][0]
    assert first == "Annual report of Ann Leeds, Ann and JoAnn Lee"
    assert erase(owner, ann_lee).status_int == 204
    rows = north.rows(
        "SELECT changes -> 'title' FROM change WHERE noun = 'task' AND verb = 'changed' ORDER BY seq"
    )
    assert rows == [
        (["Annual report of Ann Leeds, Ann and JoAnn Lee", 'key "title": erased. ann lee2'],),
        (['key "title": erased. ann lee2', "x"],),
    ]


@pytest.mark.parametrize(
    "name", ["12", "true", "null", "title", ".*", "[", "\\", "a|b", "%", "_", '"', "erased", "O'N(", "日本"]
)
def test_names_that_look_like_something_else(owner: Client, north: Company, name: str) -> None:
    contact = owner.create("/api/contacts", given_name=name, family_name=name, note="known")
    owner.patch(f"/api/contacts/{contact['id']}", {"note": None})
    owner.create("/api/tasks", title="Old", contact_id=contact["id"], estimate_minutes=12)
    owner.patch("/api/tasks/1", {"title": f"With {name} {name}", "estimate_minutes": 13})
    owner.patch("/api/tasks/1", {"title": "New"})
    assert erase(owner, contact).status_int == 204
    changes = north.rows("SELECT changes FROM change WHERE noun = 'task' AND verb = 'changed' ORDER BY seq")
    assert changes[0][0]["estimate_minutes"] == [12, 13]
    assert changes[1][0] == {"title": [changes[0][0]["title"][1], "New"]}
    assert changes[0][0]["title"] == ["Old", "With erased"]


def test_an_organisation_leaves_its_people_and_what_they_are_found_by(owner: Client, north: Company) -> None:
    acme = owner.create("/api/contacts", kind="organization", name="Zwirbelwerk")
    owner.create("/api/contacts", given_name="Anna", organization_id=acme["id"])
    owner.patch(f"/api/contacts/{acme['id']}", {"name": "Knurrhahn"})
    assert (
        owner.ids("/api/contacts", q="knurrhahn anna")
        == owner.ids("/api/contacts", q="zwirbelwerk anna")
        == [2]
    )
    assert erase(owner, {**acme, "name": "Knurrhahn"}).status_int == 204
    assert owner.ids("/api/contacts", q="anna") == [2]
    assert found_in(dump(north), {"Zwirbelwerk", "Knurrhahn"}) == set()


def test_somebody_in_the_trash_can_be_erased(owner: Client, north: Company, ada: dict[str, Any]) -> None:
    owner.delete(f"/api/contacts/{ada['id']}")
    assert erase(owner, ada).status_int == 204
    assert found_in(dump(north), values_of(ADA) | EARLIER) == set()
    assert owner.read("/api/trash")["items"] == []


def test_it_takes_the_name_of_the_contact(owner: Client, north: Company, ada: dict[str, Any]) -> None:
    place = f"/api/contacts/{ada['id']}/erase"
    for name in ("Ada", ada["name"].lower(), ""):
        refused = owner.post(place, {"name": name})
        assert refused.status_int == 422
        assert refused.json["errors"][0]["pointer"] == "/name"
    assert owner.post(place, {"name": "Ada"}).json["code"] == "invalid_input"
    assert owner.post(place, {"name": "Ada"}).json["errors"][0]["code"] == "name_differs"
    assert owner.post(place, {}).status_int == 422
    assert owner.read(f"/api/contacts/{ada['id']}")["version"] == ada["version"]
    assert owner.post(place, {"name": f"  {ada['name']} "}).status_int == 204
    assert owner.post(place, {"name": ada["name"]}).status_int == 404


def test_a_repeated_request_is_answered_as_before(owner: Client, ada: dict[str, Any]) -> None:
    key = {"Idempotency-Key": "again"}
    assert [erase(owner, ada, **key).status_int for _ in range(2)] == [204, 204]


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_only_owners_erase(owner: Client, north: Company, ada: dict[str, Any], role: str) -> None:
    assert erase(north.client(role), ada).status_int == 403
    assert owner.get(f"/api/contacts/{ada['id']}").status_int == 200


def test_the_companys_role_erases_nothing_but_with_the_contact(
    owner: Client, north: Company, ada: dict[str, Any]
) -> None:
    connection = north.address.connect()
    try:
        for statement, error in (
            (f"SELECT erase_contact({ada['id']})", psycopg2.errors.NoDataFound),
            ("SELECT without_mentions('\"a\"', 'a')", psycopg2.errors.InsufficientPrivilege),
            ("SELECT mentions_of('{a}')", psycopg2.errors.InsufficientPrivilege),
            ("UPDATE change SET changes = '{}'", psycopg2.errors.InsufficientPrivilege),
            ("DELETE FROM change", psycopg2.errors.InsufficientPrivilege),
            ("DELETE FROM batch_row", psycopg2.errors.InsufficientPrivilege),
        ):
            with connection.cursor() as cursor, pytest.raises(error):
                cursor.execute(statement)
            connection.rollback()
    finally:
        connection.close()
    assert owner.get(f"/api/contacts/{ada['id']}").status_int == 200
