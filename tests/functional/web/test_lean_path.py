"""What the short cuts of the hot path must not change."""

from __future__ import annotations

import pytest

from tests.functional.installation import Client, Company

BELOW_A_VIEW = [
    ("POST", "/api/contacts/{id}/restore/x"),
    ("GET", "/api/contacts/{id}/restore/x"),
    ("GET", "/api/contacts/bulk/x/y"),
    ("GET", "/api/health/x"),
]


@pytest.mark.parametrize(("method", "path"), BELOW_A_VIEW)
def test_what_lies_below_a_view_is_not_found(owner: Client, method: str, path: str) -> None:
    item = owner.post("/api/contacts", {"name": "Anna"}).json
    answer = owner.raw(method, path.format(id=item["id"]), b"", {})
    assert (answer.status_int, answer.json["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("path", "host", "status"),
    [
        ("/api/contacts", "localhost", 200),
        ("/api/contacts/999999", "localhost", 404),
        ("/api//contacts", "localhost", 404),
        ("/api/contacts?limit=x", "localhost", 400),
        ("/api/contacts", "elsewhere.example", 421),
    ],
)
def test_every_answer_has_one_request_id(owner: Client, path: str, host: str, status: int) -> None:
    answer = owner.raw("GET", path, b"", {"Host": host})
    assert answer.status_int == status
    assert len(answer.headers.getall("X-Request-Id")) == 1
    if status != 200:
        assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_a_question_asked_before_is_answered_anew(owner: Client) -> None:
    assert owner.get("/api/contacts?tag=vip").json["items"] == []
    owner.post("/api/contacts", {"name": "Anna", "tags": ["vip"]})
    assert [item["name"] for item in owner.get("/api/contacts?tag=vip").json["items"]] == ["Anna"]


def test_two_companies_asking_the_same_get_their_own_pages(north: Company, south: Company) -> None:
    for company in (north, south):
        for number in range(3):
            company.client().post("/api/contacts", {"name": f"{company.name} {number}"})
    pages = [company.client().get("/api/contacts?limit=2&sort=name").json for company in (north, south)]
    assert [page["items"][0]["name"] for page in pages] == ["North 0", "South 0"]
    assert pages[0]["next"] != pages[1]["next"]
    followed = south.client().get(pages[1]["next"]).json
    assert [item["name"] for item in followed["items"]] == ["South 2"]


def test_a_page_of_something_nested_has_no_stray_field(owner: Client) -> None:
    organisation = owner.post("/api/contacts", {"kind": "organization", "name": "Acme"}).json
    plain = owner.get("/api/contacts").json["items"][0]
    path = f"/api/contacts/{organisation['id']}/contacts?count=true"
    owner.post("/api/contacts", {"name": "Anna", "organization_id": organisation["id"]})
    page = owner.get(path).json
    assert page["total"] == 1
    assert page["items"][0].keys() == plain.keys()


def test_rows_made_together_keep_their_order(owner: Client) -> None:
    names = [f"Contact {number:04}" for number in range(1000)]
    made = owner.post("/api/contacts/bulk", {"create": [{"name": name} for name in names]}).json["created"]
    assert [item["name"] for item in made] == names
    read = owner.get("/api/contacts?limit=1000&sort=name").json["items"]
    assert {item["id"]: item["name"] for item in read} == {item["id"]: item["name"] for item in made}


@pytest.mark.parametrize("query", ["fields=name,emails", "fields=emails,name&count=true", "fields=id"])
def test_only_the_fields_wanted_come_back_whole(owner: Client, query: str) -> None:
    made = [owner.create("/api/contacts", name=f"N{n}", emails=[{"value": f"n{n}@x.de"}]) for n in range(3)]
    page = owner.read(f"/api/contacts?{query}&sort=name&limit=2")
    rest = owner.read(page["next"])
    names = {"id", *query.partition("&")[0].removeprefix("fields=").split(",")}
    expected = [{name: item[name] for name in item if name in names} for item in made]
    assert page["items"] + rest["items"] == expected
    assert page.get("total") == (3 if "count" in query else None)


def test_the_fields_of_a_project_can_be_chosen_too(owner: Client) -> None:
    project = owner.create("/api/projects", name="House")
    listed = owner.read("/api/projects?fields=name,task_counts")["items"]
    assert listed == [{name: project[name] for name in ("id", "name", "task_counts")}]
