"""Two companies with equal ids: whatever one sends, it neither sees nor changes nor names anything of the other."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest

from tests.functional.furnishing import ask, body_of, furnish, path_of
from tests.functional.installation import Company
from tests.functional.surface import Endpoint, endpoints, lists, opaque_prefix
from tests.sampling import IS_TORTURE

FOREIGN = 1001
"""An id that South has and North does not, in every table."""

TURNS = 150 if IS_TORTURE else 40
"""How often each thread asks."""

Refused = list[tuple[str, Any]]


@pytest.fixture(scope="module")
def furnished(north_for_all: Company, south_for_all: Company) -> tuple[Company, Company]:
    """Both furnished the same; South has more of everything, at ids North does not have."""
    for company in (north_for_all, south_for_all):
        company.empty()
        furnish(company)
    south_for_all.skip_to(FOREIGN)
    client = south_for_all.client()
    assert client.create("/api/contacts", kind="organization", name="South other")["id"] == FOREIGN
    assert client.create("/api/projects", name="South other")["id"] == FOREIGN
    assert client.create("/api/tasks", title="South other")["id"] == FOREIGN
    for _ in range(2):
        client.create("/api/contacts/2/projects", name="South other")
    client.create("/api/tasks/1/tasks", title="South other", contact_id=2)
    client.create("/api/contacts/1/contacts", given_name="South other")
    for place in ("contacts/1", "projects/1", "tasks/1", "entries/1"):
        for _ in range(2):
            client.create(f"/api/{place}/entries", body="South other")
    for _ in range(2):
        client.post("/api/contacts/bulk", {"create": [{"given_name": "South other"}]})
    return north_for_all, south_for_all


@pytest.fixture
def twins(furnished: tuple[Company, Company]) -> Iterator[tuple[Company, Company]]:
    """The same, North as good as new; South, which nobody may change, as it is."""
    north, south = furnished
    before = north.everything()
    yield north, south
    if north.everything() != before:
        north.empty()
        furnish(north)


def _names_of(company: Company) -> list[str]:
    return [company.name, company.name.lower(), company.id, company.slug, *company.people.values()]


def _says_nothing_of(company: Company, answer: Any) -> bool:
    text = answer.text + str(answer.headers)
    return not any(name in text for name in (*_names_of(company), company.address.database))


#: Whole companies as files are looked into by test_company_files.py.
ASKED = [
    endpoint
    for endpoint in endpoints()
    if endpoint.path not in {"/api/company/export", "/api/company/import"}
]


@pytest.mark.parametrize("endpoint", ASKED, ids=str)
def test_an_equal_id_means_ones_own_row(endpoint: Endpoint, twins: tuple[Company, Company]) -> None:
    north, south = twins
    before = south.everything()
    answer = ask(north, endpoint, path_of(endpoint, north))
    assert answer.status_int in {200, 201, 202, 204}, answer.text
    assert _says_nothing_of(south, answer)
    assert south.everything() == before


@pytest.mark.parametrize("endpoint", [e for e in endpoints() if "{id}" in e.path], ids=str)
def test_an_id_only_the_other_has_is_not_found(endpoint: Endpoint, twins: tuple[Company, Company]) -> None:
    north, south = twins
    before = south.everything(), north.everything()
    is_opaque = opaque_prefix(endpoint.path) is not None
    path = path_of(endpoint, south) if is_opaque else path_of(endpoint, north, FOREIGN)
    answer = ask(north, endpoint, path)
    assert answer.status_int == 404
    assert answer.json["code"] == "not_found"
    assert _says_nothing_of(south, answer)
    assert (south.everything(), north.everything()) == before


def _references(model: Any) -> list[str]:
    """The fields of a document that hold ids of something else."""
    names = model.model_fields if model is not None else ()
    return [name for name in names if name.endswith(("_id", "_ids")) or name in {"before", "after"}]


def _foreign(name: str, south: Company) -> Any:
    if name == "owner_id":
        return south.people["member"]
    if name == "contact_ids":
        return [FOREIGN]
    if name.endswith("_ids"):
        return [south.people["member"]]
    return FOREIGN


IN_BODY = [
    pytest.param(endpoint, name, id=f"{endpoint} {name}")
    for endpoint in endpoints()
    for name in _references(endpoint.body)
]


@pytest.mark.parametrize(("endpoint", "name"), IN_BODY)
def test_a_foreign_id_in_a_body_is_refused(
    endpoint: Endpoint, name: str, twins: tuple[Company, Company]
) -> None:
    north, south = twins
    before = south.everything(), north.everything()
    body = {**body_of(endpoint), name: _foreign(name, south)}
    if name == "column_id":
        body.setdefault("project_id", 1)
    if name != "after":
        body.pop("after", None)
    client = north.client()
    send = client.post if endpoint.method == "POST" else client.patch
    answer = send(path_of(endpoint, north), body)
    assert answer.status_int == 422, answer.text
    assert f"/{name}" in [field_error["pointer"] for field_error in answer.json["errors"]]
    assert _says_nothing_of(south, answer) or name in {"owner_id", "assignee_ids", "member_ids"}
    assert (south.everything(), north.everything()) == before


@pytest.mark.parametrize("collection", ["contacts", "projects", "columns", "tasks", "entries", "views"])
@pytest.mark.parametrize(
    "body",
    [
        {"update": [{"id": FOREIGN, "name": "Mine"}]},
        {"delete": [2, FOREIGN]},
        {"delete": [2], "restore": [FOREIGN]},
    ],
    ids=["update", "delete", "restore"],
)
def test_a_foreign_id_in_bulk_is_refused(
    collection: str, body: dict[str, Any], twins: tuple[Company, Company]
) -> None:
    north, south = twins
    before = south.everything(), north.everything()
    answer = north.client().post(f"/api/{collection}/bulk", body)
    assert answer.status_int == 422
    assert answer.json["errors"][0]["code"] == "unknown_reference"
    assert (south.everything(), north.everything()) == before


IN_QUERY = [
    pytest.param(endpoint, name, id=f"{endpoint} {name}")
    for endpoint in lists()
    for name in endpoint.query.model_fields
    if name.endswith("_id")
]


@pytest.mark.parametrize(("endpoint", "name"), IN_QUERY)
def test_a_foreign_id_in_a_query_finds_nothing(
    endpoint: Endpoint, name: str, twins: tuple[Company, Company]
) -> None:
    north, south = twins
    people = {"owner_id", "member_id", "assignee_id"}
    value = south.people["member"] if name in people else FOREIGN
    answer = north.client().get(path_of(endpoint, north), **{name: value})
    is_contradiction = endpoint.path.count("/") > 2 and answer.status_int == 400
    assert is_contradiction or (answer.status_int == 200 and answer.json["items"] == [])


@pytest.mark.parametrize("endpoint", lists(), ids=str)
def test_the_others_cursor_is_refused(endpoint: Endpoint, twins: tuple[Company, Company]) -> None:
    north, south = twins
    is_of_the_person = endpoint.path in {"/api/contacts/{id}/projects", "/api/contacts/{id}/tasks"}
    path = path_of(endpoint, south, 2 if is_of_the_person else 1)
    following = south.client().read(path, limit=1)["next"]
    assert south.client().get(following).status_int == 200
    answer = north.client().get(following)
    assert answer.status_int == 400
    assert answer.json["errors"][0]["code"] == "invalid_cursor"


@pytest.mark.parametrize(
    "path",
    ["/api/search?q=south", "/api/search?q=south&limit=20", "/api/activity?limit=100", "/api/tags"],
)
def test_what_spans_the_nouns_spans_one_company(path: str, furnished: tuple[Company, Company]) -> None:
    north, south = furnished
    assert _says_nothing_of(south, north.client().get(path))
    assert "South" in south.client().get("/api/search?q=south").text


def test_what_the_others_people_did_is_not_told(furnished: tuple[Company, Company]) -> None:
    north, south = furnished
    assert north.client().read("/api/activity", by=south.people["owner"]) == {"items": []}


@pytest.mark.parametrize(
    "path",
    [
        "/api/contacts/2",
        "/api/projects/1",
        "/api/columns/1",
        "/api/tasks/1",
        "/api/entries/1",
        "/api/views/1",
    ],
)
def test_the_others_etag_never_matches(path: str, twins: tuple[Company, Company]) -> None:
    north, south = twins
    mine, theirs = (company.client().get(path) for company in twins)
    assert mine.json["id"] == theirs.json["id"]
    assert mine.json["version"] == theirs.json["version"]
    etag = theirs.headers["ETag"]
    assert mine.headers["ETag"] != etag
    assert north.client().get(path, {"If-None-Match": etag}).status_int == 200
    refused = north.client().patch(path, {}, {"If-Match": etag})
    assert refused.status_int == 412
    assert _says_nothing_of(south, refused)
    assert north.client().delete(path, {"If-Match": etag}).status_int == 412


def test_the_others_idempotency_key_is_another_key(twins: tuple[Company, Company]) -> None:
    key = {"Idempotency-Key": "the-same"}
    made = [c.client().post("/api/contacts", {"given_name": c.name}, key) for c in twins]
    assert [answer.json["name"] for answer in made] == ["North", "South"]


def test_a_companys_role_opens_no_other_database(furnished: tuple[Company, Company]) -> None:
    north, south = furnished
    databases = [south.address.database, south.platform.settings.catalog_database]
    if north.address.host.startswith("/"):  # the embedded server, whose pg_hba is ours
        databases.append("postgres")
    for database in databases:
        foreign = type(north.address)(
            north.address.host,
            north.address.port,
            database,
            north.address.user,
            derived=north.address.derived,
        )
        with pytest.raises(psycopg2.OperationalError):
            foreign.connect()


def test_threads_never_meet_the_other_company(twins: tuple[Company, Company]) -> None:
    canaries = {company.name: company for company in twins}
    foreign: list[str] = []
    failed: list[str] = []
    asked = 0
    lock = threading.Lock()

    def work(seed: int) -> None:
        nonlocal asked
        rng = random.Random(seed)
        for turn in range(TURNS):
            name = rng.choice(sorted(canaries))
            other = "South" if name == "North" else "North"
            client = canaries[name].client(rng.choice(["owner", "admin", "member"]))
            if turn % 3 == 0:
                answers = [client.post("/api/contacts", {"given_name": f"{name} canary", "note": name})]
                answers.append(client.get(answers[0].headers["Location"]))
            else:
                answers = [client.get("/api/contacts", limit=5, count=True), client.get("/api")]
            with lock:
                asked += len(answers)
                foreign.extend(answer.text for answer in answers if other in answer.text)
                failed.extend(answer.text for answer in answers if answer.status_int not in {200, 201})

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not foreign
    assert not failed
    assert asked == 8 * TURNS * 2
    for name, company in canaries.items():
        assert company.rows("SELECT DISTINCT note FROM contact WHERE note IS NOT NULL") == [(name,)]
