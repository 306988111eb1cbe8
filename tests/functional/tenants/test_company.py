"""The company itself: its name, and where it is at home."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from webtest import TestApp

from tests.functional.installation import Client, Company

AT_HOME = {"country": "CH", "currency": "CHF", "language": "de-CH", "time_zone": "Europe/Zurich"}


@pytest.fixture(scope="module")
def west_for_all(new_company: Callable[[str], Company]) -> Company:
    return new_company("West")


@pytest.fixture
def west(west_for_all: Company) -> Iterator[Company]:
    """A company of its own, as it was registered."""
    yield west_for_all
    as_registered = {**dict.fromkeys(AT_HOME), "name": "West", "country": "DE"}
    assert west_for_all.client().patch("/api/company", as_registered).status_int == 200


def test_a_company_is_told_as_it_was_registered(west: Company) -> None:
    assert west.client("viewer").read("/api/company") == {
        "id": west.id, "name": "West", "slug": west.slug, "country": "DE",
        "currency": None, "language": None, "time_zone": None, "delete_after": None,
        "expires_at": None,
    }  # fmt: skip


def test_what_is_changed_counts_at_once(west: Company) -> None:
    client = west.client("admin")
    changed = client.patch("/api/company", {"name": "West Ltd", **AT_HOME})
    assert changed.status_int == 200
    expected = {
        "id": west.id,
        "slug": west.slug,
        "name": "West Ltd",
        "delete_after": None,
        "expires_at": None,
        **AT_HOME,
    }
    assert changed.json == expected
    assert client.read("/api/company") == client.read("/api")["company"] == changed.json
    phones = client.create("/api/contacts", given_name="Urs", phones=[{"value": "044 668 18 00"}])["phones"]
    assert phones[0]["e164"] == "+41446681800"


def test_null_takes_away_and_what_is_left_out_stays(west: Company) -> None:
    client = west.client()
    client.patch("/api/company", AT_HOME)
    changed = client.patch("/api/company", {"currency": None, "language": ""}).json
    assert [changed[name] for name in AT_HOME] == ["CH", None, None, "Europe/Zurich"]


@pytest.mark.parametrize("role", ["member", "viewer"])
def test_only_who_manages_the_company_changes_it(role: str, west: Company) -> None:
    assert west.client(role).patch("/api/company", {"name": "No"}).status_int == 403
    assert west.client(role).read("/api/company")["name"] == "West"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": None}, "/name"), ({"name": ""}, "/name"), ({"name": "x" * 201}, "/name"), ({"country": "XX"}, "/country"),
        ({"currency": "ABC"}, "/currency"), ({"language": "klingon"}, "/language"), ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"time_zone": "../etc/passwd"}, "/time_zone"), ({"slug": "mine"}, "/slug"), ({"state": "deleted"}, "/state"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(body: Any, pointer: str, west: Company) -> None:
    before = west.client().read("/api/company")
    answer = west.client().patch("/api/company", {"currency": "EUR", **body})
    assert answer.status_int == 422
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == [pointer]
    assert west.client().read("/api/company") == before


def test_another_process_knows_within_the_time_it_keeps_things(west: Company, second_app: TestApp) -> None:
    other = Client(second_app, west.token())
    other.read("/api")
    west.client().patch("/api/company", {"name": "Elsewhere"})
    assert other.read("/api/company")["name"] == "Elsewhere"
    second_app.app.registry.platform.identity.access.forget_company(west.id)
    assert other.read("/api")["company"]["name"] == "Elsewhere"


def test_one_company_changes_and_no_other(west: Company, north: Company) -> None:
    before = north.client().read("/api/company")
    west.client().patch("/api/company", {"name": "Alone", **AT_HOME})
    assert north.client().read("/api/company") == before
