"""What axe-core finds on every page: nothing. And no page is wider than a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.server import ROOT

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PUBLIC = [
    "/welcome",
    "/sign-in",
    "/register",
    "/join#token=x",
    "/forgotten-password",
    "/new-password#token=x",
]
PRIVATE = [
    "/",
    "/contacts",
    "/contacts?open=contact-2",
    "/contacts?new=person",
    "/contacts/1",
    "/contacts/import",
    "/projects",
    "/projects/1/board",
    "/projects/1/list",
    "/projects/1/calendar",
    "/projects/1/timeline",
    "/tasks",
    "/tasks?open=task-1",
    "/tasks/1",
    "/settings/profile",
    "/settings/password",
    "/settings/sessions",
    "/settings/appearance",
    "/settings/company",
    "/settings/data",
    "/settings/members",
    "/trash",
    "/nothing-here",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def findings(page: Page) -> list[str]:
    """What axe finds, a line each."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES
    )
    return [
        f"{page.url} {violation['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def settled(page: Page, path: str) -> None:
    """Nothing comes back; the page at this address has everything it shows."""
    page.goto(path)
    expect(page.locator("h1, h2").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".animate-pulse")).to_have_count(0)


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm install in frontend)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_nothing(visit: Visit, furnished: Company, scheme: str, viewport: dict[str, int]) -> None:
    visitor = visit(color_scheme=scheme, viewport=viewport, reduced_motion="reduce", allows={404})
    found: list[str] = []
    for path in PUBLIC:
        settled(visitor.page, path)
        found += findings(visitor.page)
    visitor.sign_in(furnished.email)
    for path in PRIVATE:
        settled(visitor.page, path)
        found += findings(visitor.page)
        if overflow(visitor.page) > 0:
            found.append(f"{path} is {overflow(visitor.page)} px too wide")
    assert not found, "\n".join(found)
