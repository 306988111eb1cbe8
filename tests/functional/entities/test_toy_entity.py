"""One registration is all it takes: a noun that crmtenant does not have is served like any other."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.functional.installation import Client, Company


@pytest.fixture
def contact(owner: Client) -> str:
    return f"/api/contacts/{owner.create('/api/contacts', given_name='Ada')['id']}"


@pytest.fixture
def memo(owner: Client, contact: str) -> str:
    made = owner.create(f"{contact}/memos", title="Likes green", tags=["colour"])
    return f"/api/memos/{made['id']}"


def test_it_is_created_read_and_listed_beneath_what_it_is_about(
    owner: Client, contact: str, memo: str
) -> None:
    project = f"/api/projects/{owner.create('/api/projects', name='Site')['id']}"
    about_project = owner.create(f"{project}/memos", title="Runs late")
    assert about_project["subject_type"] == "project"
    created = owner.get(memo)
    assert (created.json["subject_type"], created.json["title"]) == ("contact", "Likes green")
    assert owner.get(memo, headers={"If-None-Match": created.headers["ETag"]}).status_int == 304
    assert owner.ids("/api/memos") == [created.json["id"], about_project["id"]]
    assert owner.ids(f"{contact}/memos") == [created.json["id"]]
    assert owner.ids(f"{project}/memos") == [about_project["id"]]
    assert owner.get(f"{contact}9999/memos").status_int == 404
    assert owner.post(f"{contact}9999/memos", {"title": "x"}).status_int == 404


def test_it_belongs_to_what_its_address_names_and_to_nothing_that_does_not_exist(
    owner: Client, contact: str
) -> None:
    elsewhere = owner.post(f"{contact}/memos", {"title": "x", "subject_type": "project", "subject_id": 1})
    assert [error["pointer"] for error in elsewhere.json["errors"]] == ["/subject_id"] or [
        error["pointer"] for error in elsewhere.json["errors"]
    ] == ["/subject_type"]
    nowhere = owner.post("/api/memos", {"title": "x", "subject_type": "project", "subject_id": 999})
    assert (nowhere.status_int, nowhere.json["errors"][0]["code"]) == (422, "unknown_reference")
    assert owner.get(f"{contact}/memos", subject_type="project").status_int == 400


def test_it_is_filtered_sorted_searched_and_paged(owner: Client, contact: str, memo: str) -> None:
    owner.create(f"{contact}/memos", title="Another one", tags=["other"])
    assert [one["title"] for one in owner.read("/api/memos", sort="-title")["items"]] == [
        "Likes green",
        "Another one",
    ]
    assert [one["title"] for one in owner.read("/api/memos", tag="colour")["items"]] == ["Likes green"]
    assert [one["title"] for one in owner.read("/api/memos", q="gree")["items"]] == ["Likes green"]
    page = owner.read("/api/memos", limit=1, count=True)
    assert (page["total"], len(page["items"])) == (2, 1)
    assert [one["title"] for one in owner.read(page["next"])["items"]] == ["Likes green"]
    found = owner.read("/api/search", q="green")["items"]
    assert [(one["noun"], one["title"], one["kind"]) for one in found] == [("memo", "Likes green", "contact")]
    assert owner.read("/api/tags")["memos"] == [{"name": "colour", "count": 1}, {"name": "other", "count": 1}]


def test_it_is_changed_by_merge_patch_unless_somebody_else_was_first(owner: Client, memo: str) -> None:
    etag = owner.get(memo).headers["ETag"]
    changed = owner.patch(memo, {"title": "Likes blue"}, headers={"If-Match": etag})
    assert (changed.status_int, changed.json["version"]) == (200, 2)
    stale = owner.patch(memo, {"title": "Likes red"}, headers={"If-Match": etag})
    assert (stale.status_int, stale.json["current"]["title"]) == (412, "Likes blue")
    refused = owner.patch(memo, {"owner_id": "u_" + "a" * 26})
    assert refused.json["errors"][0]["code"] == "unknown_member"
    assert owner.patch(memo, {"version": 9}).json["errors"][0]["code"] == "read_only_field"


def test_many_are_created_changed_deleted_and_restored_at_once(
    owner: Client, contact: str, memo: str
) -> None:
    subject = {"subject_type": "contact", "subject_id": int(contact.rpartition("/")[2])}
    row_id = int(memo.rpartition("/")[2])
    done = owner.post(
        "/api/memos/bulk",
        {"create": [{"title": "New", **subject}], "update": [{"id": row_id, "tags": []}]},
    )
    assert done.status_int == 200, done.text
    assert [one["tags"] for one in done.json["updated"]] == [[]]
    assert owner.post("/api/memos/bulk", {"delete": [row_id]}).json["deleted"] == [row_id]
    assert [one["id"] for one in owner.post("/api/memos/bulk", {"restore": [row_id]}).json["restored"]] == [
        row_id
    ]


def test_it_goes_to_the_trash_alone_or_with_what_it_is_about(owner: Client, contact: str, memo: str) -> None:
    assert owner.delete(memo).status_int == 204
    (trashed,) = owner.read("/api/trash")["items"]
    assert (trashed["type"], trashed["name"]) == ("memo", "Likes green")
    assert owner.post(trashed["links"]["restore"]).status_int == 200
    assert owner.delete(contact).status_int == 204
    assert owner.get(memo).status_int == 404
    assert [(one["type"], one["along"]) for one in owner.read("/api/trash")["items"]] == [
        ("contact", {"memos": 1})
    ]
    assert owner.post(f"{contact}/restore").status_int == 200
    assert owner.get(memo).status_int == 200


def test_what_happens_to_it_is_in_the_activity(owner: Client, contact: str, memo: str) -> None:
    happened = [(one["noun"], one["verb"]) for one in owner.read("/api/activity")["items"]]
    assert happened == [("memo", "created"), ("contact", "created")]
    owner.delete(contact)
    happened = [(one["noun"], one["verb"]) for one in owner.read("/api/activity")["items"]]
    assert happened == [("contact", "removed")], "what merely went along is not listed"


def test_who_may_only_look_may_only_look(company: Company, owner: Client, memo: str) -> None:
    viewer = company.client("viewer")
    assert viewer.get(memo).status_int == 200
    assert viewer.patch(memo, {"title": "x"}).status_int == 403


def test_it_leaves_with_the_company_and_comes_into_another(
    owner: Client, other_company: Company, contact: str, memo: str
) -> None:
    owner.delete(f"/api/memos/{owner.create(f'{contact}/memos', title='Gone')['id']}")
    export = owner.get("/api/company/export")
    with zipfile.ZipFile(io.BytesIO(export.body)) as archive:
        assert archive.read("memos.csv").decode().splitlines()[1].split(";")[1] == "Likes green"
    other = other_company.client()
    arrived = other.raw("POST", "/api/company/import", export.body, {"Content-Type": "application/zip"})
    assert (arrived.status_int, arrived.json["memos"], arrived.json["contacts"]) == (200, 2, 1), arrived.text
    assert [one["title"] for one in other.read(f"{contact}/memos")["items"]] == ["Likes green"]
    assert other.create(f"{contact}/memos", title="Next")["id"] > int(memo.rpartition("/")[2])


def test_an_import_with_a_memo_about_nothing_is_refused(
    owner: Client, company: Company, contact: str, memo: str
) -> None:
    company.execute("UPDATE memo SET subject_id = 4711")
    export = owner.get("/api/company/export").body
    company.execute("TRUNCATE memo, contact, project CASCADE")
    refused = owner.raw("POST", "/api/company/import", export, {"Content-Type": "application/zip"})
    assert refused.status_int == 422
    assert [error["pointer"] for error in refused.json["errors"]] == ["/data/memo.jsonl/1/subject_id"]


def test_openapi_describes_it(owner: Client) -> None:
    document = owner.read("/api/openapi.json")
    assert {"get", "post"} <= document["paths"]["/api/memos"].keys()
    assert {"get", "post"} <= document["paths"]["/api/contacts/{contact_id}/memos"].keys()
    assert {"get", "patch", "delete"} <= document["paths"]["/api/memos/{memo_id}"].keys()
    assert "MemoOut" in document["components"]["schemas"]
    assert document["components"]["schemas"]["Found"]["properties"]["noun"]["enum"] == [
        "contact",
        "project",
        "task",
        "entry",
        "memo",
    ]
    assert owner.read("/api")["links"]["memos"] == "/api/memos"


def test_an_application_without_the_registration_knows_nothing_of_it(north: Company) -> None:
    assert north.client().get("/api/memos").status_int == 404
    assert "memos" not in north.client().read("/api/tags")
