"""A company that makes too many requests is told so; the others notice nothing."""

from __future__ import annotations

from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from tests.functional.installation import Client, Company

BURST = 5


@pytest.fixture(scope="module")
def limited(platforms: Any) -> TestApp:
    """A process that answers ten requests a minute at most, and five at once."""
    changed = platforms(company_requests_per_second=1, company_request_burst=BURST)
    return TestApp(make_app(changed), extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture
def company(new_company: Any) -> Company:
    made: Company = new_company("Limited")
    return made


def test_after_its_burst_a_company_waits_and_others_do_not(limited, company, south, app):
    owner, viewer = company.client(app=limited), company.client("viewer", app=limited)
    answers = [owner.get("/api/contacts"), viewer.get("/api/contacts/1"), viewer.post("/api/contacts", {})]
    assert [answer.status_int for answer in answers] == [200, 404, 403]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"company";r={left};t=1' for left in (4, 3, 2)
    ]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {f'"company";q={BURST};w={BURST}'}
    refused = next(
        answer for answer in iter(lambda: owner.get("/api/contacts"), None) if answer.status_int != 200
    )
    assert (refused.status_int, refused.json["code"]) == (429, "too_many_requests")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("1", '"company";r=0;t=1')
    written = owner.post("/api/contacts", {"name": "Anna"})
    assert written.status_int in {201, 429}
    neighbour = south.client(app=limited).get("/api/contacts")
    assert (neighbour.status_int, neighbour.headers["RateLimit"]) == (200, '"company";r=4;t=1')
    # Each process counts by itself, and only where there is a limit.
    assert "RateLimit" not in company.client(app=app).get("/api/contacts").headers


def test_signing_out_health_and_strangers_are_not_limited(limited, company):
    owner = company.client(app=limited)
    for _ in range(3 * BURST):
        owner.get("/api/contacts")
    assert owner.get("/api/health").status_int == 200
    assert owner.delete("/api/sessions/current").status_int == 204
    stranger = Client(limited, None).get("/api/contacts")
    assert stranger.status_int == 401
    assert "RateLimit" not in stranger.headers
