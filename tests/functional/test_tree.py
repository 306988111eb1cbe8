"""The tree: one address a place, one place an address."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.location import lineage
from pyramid.response import Response
from pyramid.traversal import traverse
from sqlalchemy import text
from webtest import TestApp

from crmtenant import make_app
from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.collection_views import CollectionViews
from crmtenant.platform import Platform
from crmtenant.resources.links import path_of
from crmtenant.resources.tenant import Tenant
from crmtenant.services.entities import listing
from tests.functional.furnishing import furnish
from tests.functional.installation import Client, Company
from tests.functional.surface import endpoints, opaque_prefix, places, registry, with_absent_id

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"}
COLLECTIONS = [one.collection.item.entity.collection for one in ENTITIES]


@pytest.fixture(scope="module")
def client(north_for_all: Company) -> Client:
    north_for_all.empty()
    furnish(north_for_all)
    return north_for_all.client()


@pytest.mark.parametrize(("kind", "path"), [(kind, path) for kind, path in places().items()], ids=str)
def test_every_place_knows_its_way_home(kind: type, path: str) -> None:
    request: Any = SimpleNamespace(registry=registry())
    tenant = Tenant(request, None, None, None)  # type: ignore[arg-type]
    prefix = opaque_prefix(path)
    path = path.format(id=f"{prefix}_{'a' * 26}" if prefix else 42)
    place = traverse(tenant, path.removeprefix("/api").lstrip("/"))["context"]
    assert type(place) is kind
    assert path_of(place) == path
    assert list(lineage(place))[-1] is tenant
    assert path == "/api" or place.tenant is tenant


def _methods_by_path() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for endpoint in endpoints():
        implied = {"GET", "HEAD"} if endpoint.method == "GET" else {endpoint.method}
        found.setdefault(endpoint.path, set()).update(implied)
    return found


def _real(path: str, company: Company) -> str:
    if opaque_prefix(path) == "u":
        return path.format(id=company.people["viewer"])
    return path.format(id=1) if opaque_prefix(path) is None else with_absent_id(path)


@pytest.mark.filterwarnings("ignore:Unknown REQUEST_METHOD")
@pytest.mark.parametrize(("path", "allowed"), _methods_by_path().items())
def test_a_wrong_verb_is_told_which_are_right(
    path: str, allowed: set[str], client: Client, north_for_all: Company
) -> None:
    for method in METHODS - allowed:
        answer = client.raw(method, _real(path, north_for_all))
        assert answer.status_int == 405
        assert set(answer.headers["Allow"].split(", ")) == allowed
        if method != "HEAD":
            assert answer.json["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", _methods_by_path())
def test_nothing_lies_below_a_view(path: str, client: Client, north_for_all: Company) -> None:
    real = _real(path, north_for_all)
    for method in ("GET", "POST", "DELETE"):
        assert client.raw(method, f"{real}/nothing").status_int == 404
        assert client.raw(method, f"{real}/nothing/more").status_int == 404


ODD_IDS = [
    "٤٢",
    "042",
    "+42",
    "4_2",
    "-1",
    "0",
    "1.0",
    "1e0",
    "1;x",
    "0x1",
    "1 ",
    "€",
    "abc",
    "None",
    "1" * 5000,
]


@pytest.mark.parametrize("collection", COLLECTIONS)
@pytest.mark.parametrize("row_id", [*ODD_IDS, str(2**63), str(2**64), "99999999999999999999"])
def test_an_id_has_one_spelling(collection: str, row_id: str, client: Client) -> None:
    path = f"/api/{collection}/{row_id}".encode().decode("latin-1")
    for method in ("GET", "DELETE"):
        answer = client.environ(method, PATH_INFO=path)
        assert answer.status_int == 404
        assert answer.content_type == "application/problem+json"


def test_the_biggest_id_is_merely_absent(client: Client) -> None:
    assert client.get(f"/api/contacts/{2**63 - 1}").status_int == 404


@pytest.mark.parametrize(
    "path",
    [
        "/api/", "/api//contacts", "/api/contacts/", "/api/contacts//1", "/api/contacts/1/", "/api/./contacts",
        "/api/../api/contacts", "/api/contacts/../contacts/1", "/api/contacts/@@bulk", "/api/@@", "/api/@@contacts",
        "/api/contacts/1/@@restore", "/api/contacts/\x00", "/api/contacts/1\x00", "/apicontacts/1", "/api/Contacts",
        "/api/contacts/1/..", "/api/contacts/.",
    ],
)  # fmt: skip
def test_an_address_has_one_spelling(path: str, client: Client) -> None:
    answer = client.environ(PATH_INFO=path)
    assert answer.status_int == 404
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("raw", ["/api/contacts/%31", "/api/%63ontacts", "/api/contacts/1%2Frestore"])
def test_an_escaped_spelling_is_another_address(raw: str, client: Client) -> None:
    assert client.environ(PATH_INFO="/api/contacts/1", REQUEST_URI=raw).status_int == 404


@pytest.mark.parametrize("path", ["/api/\xff\xfe", "/api/contacts/\xed\xa0\x80", "/api/\xc0\xae", "/\xff"])
def test_an_address_that_is_not_utf8_is_malformed(path: str, client: Client) -> None:
    answer = client.environ(PATH_INFO=path)
    assert answer.status_int == 400
    assert answer.json["code"] == "invalid_encoding"


@pytest.mark.parametrize("query", ["q=%ff", "q=%E0%80", "q=\xff", "%ff=1", "q=%00", "q=a%00b"])
def test_a_query_that_is_not_utf8_is_malformed(query: str, client: Client) -> None:
    answer = client.environ(PATH_INFO="/api/contacts", QUERY_STRING=query)
    assert answer.status_int == 400
    assert answer.json["code"] == "invalid_encoding"


def test_a_query_in_bare_utf8_is_read(client: Client) -> None:
    query = "q=Nörth".encode().decode("latin-1")
    answer = client.environ(PATH_INFO="/api/contacts", QUERY_STRING=query)
    assert answer.status_int == 200
    assert [item["name"] for item in answer.json["items"]] != []


def test_a_key_error_in_a_service_stays_an_error(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError("contacts")

    monkeypatch.setattr(listing, "find", broken)
    answer = client.get("/api/contacts/1")
    assert answer.status_int == 500
    assert answer.json["code"] == "internal_error"
    assert "KeyError" not in answer.text


def _insert(self: Any) -> None:
    columns = "name, status, member_ids, tags, name_key, search, created_at, updated_at, created_by, updated_by, version"
    values = "'Core', 'planned', '{}', '{}', 'core', '', now(), now(), 'u', 'u', 1"
    self.tenant.session.execute(text(f"INSERT INTO project ({columns}) VALUES ({values})"))


@pytest.mark.parametrize(("status", "kept"), [(200, 1), (201, 1), (302, 1), (400, 0), (409, 0), (500, 0)])
def test_core_writes_are_committed_unless_the_answer_is_a_refusal(
    status: int, kept: int, south: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create(self: Any) -> Response:
        _insert(self)
        return Response(status=status)

    monkeypatch.setattr(CollectionViews, "create", create)
    assert south.client().post("/api/contacts").status_int == status
    assert south.counts()["project"] == kept


def test_an_error_rolls_back(south: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    def create(self: Any) -> Response:
        _insert(self)
        raise RuntimeError

    monkeypatch.setattr(CollectionViews, "create", create)
    assert south.client().post("/api/contacts").status_int == 500
    assert south.counts()["project"] == 0


def test_a_forgotten_permission_is_shut(platform: Platform, north_for_all: Company) -> None:
    application = make_app(platform)
    config = Configurator(registry=application.registry)
    config.begin()
    config.add_view(lambda context, request: Response("open"), context=Tenant, name="forgotten")
    config.commit()
    config.end()
    forgetful = TestApp(application, extra_environ={"HTTP_HOST": "localhost"})
    assert north_for_all.client(app=forgetful).get("/api/forgotten").status_int == 403


@pytest.mark.parametrize("path", ["/api", "/api/contacts", "/api/contacts/2", "/api/tasks/1", "/api/health"])
def test_head_is_get_without_a_body(path: str, client: Client) -> None:
    head, get = client.head(path), client.get(path)
    assert head.status_int == get.status_int == 200
    assert head.body == b""
    assert head.headers.get("ETag") == get.headers.get("ETag")
    assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_the_page_and_its_files_are_not_the_trees(anonymous: Client) -> None:
    page = anonymous.get("/")
    assert page.status_int == 200
    assert page.content_type == "text/html"


def test_an_unknown_host_is_misdirected(client: Client) -> None:
    answer = client.environ(HTTP_HOST="evil.example")
    assert answer.status_int == 421
    assert "evil" not in answer.text


def test_who_am_i(north_for_all: Company) -> None:
    for role in ("owner", "viewer"):
        me = north_for_all.client(role).read("/api")
        assert me["company"]["name"] == "North"
        assert me["user"]["id"] == north_for_all.people[role]
        assert me["role"] == role
        assert ("contact:write" in me["permissions"]) == (role == "owner")
        assert all(north_for_all.client(role).get(link).status_int == 200 for link in me["links"].values())
