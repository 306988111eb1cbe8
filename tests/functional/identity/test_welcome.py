"""What somebody meets who has not signed in, and looking around in the demo company."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from crmtenant.demo import people
from crmtenant.models.catalog.tables import Login
from crmtenant.platform import Platform
from tests.functional.identity.people import HEADERS, Client


@pytest.fixture
def with_demo(
    platforms: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> tuple[Client, dict[str, Any]]:
    """Somebody new at an installation with a demo company, and the user its founder is."""
    email = f"{secrets.token_hex(8)}@example.com"
    monkeypatch.setattr("crmtenant.api.identity.welcome.EMAIL", email)
    shown = platforms(demo=True, sign_in_attempts=1)
    founder = Client(shown).register(company_name=people.COMPANY, email=email).json["user"]
    return Client(shown), founder


def test_without_a_demo_there_is_none(
    client: Client, platforms: Callable[..., Platform], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmtenant.api.identity.welcome.EMAIL", "nobody.at.all@example.com")
    for newcomer in (Client(platforms(demo=False)), Client(platforms(demo=True))):
        told = newcomer.call("GET", "/api/welcome")
        assert (told.status_int, told.json) == (
            200,
            {"demo": None, "password_min_length": 12, "can_reset_password": True},
        )
        refused = newcomer.call("POST", "/api/sessions/demo", headers=HEADERS)
        assert (refused.status_int, refused.json["code"]) == (404, "not_found")


def test_anybody_may_look_around_in_the_demo_company(with_demo: tuple[Client, dict[str, Any]]) -> None:
    newcomer, founder = with_demo
    assert newcomer.call("GET", "/api/welcome").json["demo"] == {"company": people.COMPANY}
    opened = newcomer.keep(newcomer.call("POST", "/api/sessions/demo", headers=HEADERS))
    assert opened.json["user"] == founder
    assert opened.json["company"]["name"] == people.COMPANY
    assert [company["role"] for company in opened.json["companies"]] == ["owner"]
    assert opened.headers["Cache-Control"] == "no-store"
    assert newcomer.call("GET", "/api/contacts").json["items"] == []
    newcomer.keep(newcomer.refresh())


def test_a_program_is_given_its_token_in_the_body(with_demo: tuple[Client, dict[str, Any]]) -> None:
    newcomer, _ = with_demo
    opened = newcomer.call("POST", "/api/sessions/demo", {"transport": "body"}, headers=HEADERS)
    assert opened.status_int == 201
    assert "refresh_token" in opened.json
    assert "Set-Cookie" not in opened.headers


@pytest.mark.parametrize("headers", [{}, {**HEADERS, "Origin": "https://evil.example"}])
def test_a_foreign_page_signs_nobody_in(
    headers: dict[str, str], with_demo: tuple[Client, dict[str, Any]]
) -> None:
    newcomer, _ = with_demo
    refused = newcomer.call("POST", "/api/sessions/demo", headers=headers)
    assert (refused.status_int, refused.json["code"]) == (403, "csrf")
    assert "Set-Cookie" not in refused.headers


def test_looking_around_is_limited_loosely(with_demo: tuple[Client, dict[str, Any]]) -> None:
    newcomer, _ = with_demo
    statuses = [newcomer.call("POST", "/api/sessions/demo", headers=HEADERS).status_int for _ in range(11)]
    assert statuses == [201] * 10 + [429]


def test_a_founder_who_may_not_sign_in_shows_nobody_around(with_demo: tuple[Client, dict[str, Any]]) -> None:
    newcomer, founder = with_demo
    with newcomer.platform.databases.catalog.begin() as session:
        session.get_one(Login, founder["id"]).is_active = False
    assert newcomer.call("GET", "/api/welcome").json["demo"] is None
    assert newcomer.call("POST", "/api/sessions/demo", headers=HEADERS).status_int == 404
