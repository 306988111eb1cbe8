"""A repeated key changes nothing and gets the same response."""

from __future__ import annotations

import threading
from copy import copy
from typing import Any

import pytest
from webtest import TestApp

from crmtenant.resources.base import Collection, Item
from tests.functional.furnishing import ask, furnish, path_of
from tests.functional.installation import Company
from tests.functional.surface import Endpoint, endpoints

KEY = {"Idempotency-Key": "k-1"}
POSTS = [
    endpoint
    for endpoint in endpoints()
    # What writes to the catalog keeps no answer: its rows are in another database than the answers.
    if endpoint.method == "POST" and issubclass(endpoint.context, Collection | Item)
]


@pytest.mark.parametrize("endpoint", POSTS, ids=str)
def test_asking_again_hears_the_same(endpoint: Endpoint, north: Company, second_app: TestApp) -> None:
    furnish(north)
    path = path_of(endpoint, north)
    first = ask(north, endpoint, path, **KEY)
    assert first.status_int in {200, 201, 204}
    assert "Idempotent-Replayed" not in first.headers
    counts = north.counts()
    north_elsewhere = copy(north)
    north_elsewhere.app = second_app
    again = ask(north_elsewhere, endpoint, path, **KEY)
    assert (again.status_int, again.body) == (first.status_int, first.body)
    assert again.headers["Idempotent-Replayed"] == "true"
    for name in ("Content-Type", "Location", "ETag", "Cache-Control", "Vary", "X-Content-Type-Options"):
        assert again.headers.get(name) == first.headers.get(name)
    assert north.counts() == counts


@pytest.mark.parametrize(
    "change",
    [
        {"data": {"given_name": "Other"}},
        {"path": "/api/contacts/bulk"},
        {"data": {"given_name": "Anna", "x": 1}},
    ],
)
def test_another_request_under_the_key_is_refused(change: dict[str, Any], north: Company) -> None:
    asked = {"path": "/api/contacts", "data": {"given_name": "Anna"}, "headers": KEY}
    assert north.client().post(**asked).status_int == 201
    answer = north.client().post(**{**asked, **change})
    assert (answer.status_int, answer.json["code"]) == (422, "idempotency_key_reused")
    assert north.counts()["contact"] == 1


def test_a_key_is_one_persons(north: Company) -> None:
    made = [
        north.client(role).post("/api/contacts", {"given_name": role}, KEY).json["name"]
        for role in ("owner", "admin")
    ]
    assert made == ["owner", "admin"]


def test_a_refused_request_leaves_the_key_free(north: Company) -> None:
    client = north.client()
    assert client.post("/api/contacts", {"given_name": 5}, KEY).status_int == 422
    assert (
        client.raw("POST", "/api/contacts", b"{", {**KEY, "Content-Type": "application/json"}).status_int
        == 400
    )
    assert north.client("viewer").post("/api/contacts", {"given_name": "Anna"}, KEY).status_int == 403
    assert north.counts()["answer"] == 0
    assert client.post("/api/contacts", {"given_name": "Anna"}, KEY).status_int == 201


def test_eight_at_once_make_one(north: Company, second_app: TestApp) -> None:
    barrier = threading.Barrier(8)
    answers: list[Any] = []

    def ask(app: TestApp) -> None:
        client = north.client(app=app)
        barrier.wait()
        answers.append(client.post("/api/contacts", {"given_name": "Anna"}, KEY))

    threads = [threading.Thread(target=ask, args=(app,)) for app in [north.app, second_app] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_int for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 7
    assert north.counts()["contact"] == 1


@pytest.mark.parametrize("key", ["", " ", "a" * 65, "a b", "a,b", 'a"b', "ü", "a/b", "a\tb"])
def test_a_key_is_a_token(key: str, north: Company) -> None:
    header = {"Idempotency-Key": key.encode().decode("latin-1")}
    answer = north.client().post("/api/contacts", {"given_name": "Anna"}, header)
    assert (answer.status_int, answer.json["code"]) == (400, "invalid_idempotency_key")
    assert north.counts()["contact"] == 0


@pytest.mark.parametrize("key", ["a" * 64, "!#$%&'*+.^_`|~09AZaz-"])
def test_any_token_is_a_key(key: str, north: Company) -> None:
    header = {"Idempotency-Key": key}
    made = [north.client().post("/api/contacts", {"given_name": "Anna"}, header) for _ in range(2)]
    assert made[0].body == made[1].body


def test_a_key_is_forgotten_after_a_day(north: Company) -> None:
    client = north.client()
    client.post("/api/contacts", {"given_name": "Anna"}, KEY)
    connection = north.address.connect()
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE answer SET created_at = created_at - interval '25 hours'")
    connection.close()
    assert client.post("/api/contacts", {"given_name": "Eve"}, KEY).json["name"] == "Eve"
    assert north.counts()["answer"] == 1


def test_what_belongs_to_no_company_is_not_kept_in_one(north: Company) -> None:
    body = {"email": "somebody.new@example.com", "role": "viewer"}
    answer = north.client().post("/api/members", body, KEY)
    assert answer.status_int == 201
    assert north.counts()["answer"] == 0
