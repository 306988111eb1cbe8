"""What axe-core finds on every page, in both languages and themes: nothing. And no page is wider than a phone.

The seed of a run says which language is tried on which kind of screen; `CRMTENANT_TORTURE` tries both on both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company, Visitor
from tests.e2e.server import ROOT
from tests.sampling import is_whole, seed_of

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
#: what differs between light and dark
RULES_OF_COLORS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
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
    "/projects/1/journal",
    "/tasks",
    "/tasks?open=task-1",
    "/tasks/1",
    "/settings/profile",
    "/settings/password",
    "/settings/sessions",
    "/settings/appearance",
    "/settings/company",
    "/settings/data",
    "/settings/changes",
    "/settings/members",
    "/settings/support",
    "/inbox",
    "/trash",
    "/nothing-here",
]
PHONE = {"width": 390, "height": 844}
SCREENS = {"wide": {"width": 1440, "height": 900}, "phone": PHONE}
LOCALES = ["en-US", "de-DE"]
Scheme = Literal["light", "dark"]
# What inherits a color that is changing begins to change when that has ended.
TRANSITIONS_OVER = """async () => {
    const frame = () => new Promise(requestAnimationFrame)
    const running = () => document.getAnimations().filter(one => one instanceof CSSTransition)
    for (let quiet = 0; quiet < 3; quiet += running().length ? -quiet : 1) {
        await Promise.allSettled(running().map(one => one.finished))
        await frame()
    }
}"""
HALF = len(PRIVATE) // 2


def findings(page: Page, rules: Mapping[str, Any] = RULES) -> list[str]:
    """What axe finds, a line each."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    # A colour on its way to another one is none of its colours.
    page.evaluate(
        """Promise.allSettled(document.getAnimations()
            .filter(one => one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))"""
    )
    # Not all that axe found in order, which takes longer to bring over than to find.
    violations: list[dict[str, Any]] = page.evaluate(
        """rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})
            .then(found => found.violations)""",
        rules,
    )
    return [
        f"{page.url} {violation['id']}: {node['html'][:160]} {node['any'][0]['message'] if node['any'] else ''}"
        for violation in violations
        for node in violation["nodes"]
    ]


def open_whole(visitor: Visitor, path: str) -> None:
    """Opens the page at this address, and waits until it has everything it shows."""
    page = visitor.page
    page.goto(path)
    expect(page.locator("h1, h2").first).to_be_visible()
    visitor.wait_until_quiet(page)
    expect(page.locator(".animate-pulse")).to_have_count(0)


def wear(page: Page, scheme: Scheme) -> None:
    """Changes what the browser prefers, and waits until every color has changed."""
    is_dark = scheme == "dark"
    if page.locator("html.dark").count() != is_dark:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        expect(page.locator("html.dark")).to_have_count(int(is_dark))
        page.evaluate(TRANSITIONS_OVER)


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return wider


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (npm install in frontend)")
@pytest.mark.parametrize(
    "paths", [PUBLIC, PRIVATE[:HALF], PRIVATE[HALF:]], ids=["public", "private", "more private"]
)
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(
    visit: Visit, furnished: Company, paths: list[str], screen: str, pytestconfig: pytest.Config
) -> None:
    first = (seed_of(pytestconfig) + list(SCREENS).index(screen)) % len(LOCALES)
    found = [
        finding
        for locale in (LOCALES if is_whole(pytestconfig) else [LOCALES[first]])
        for finding in _found(
            visit(viewport=SCREENS[screen], locale=locale, reduced_motion="reduce", allows={404}),
            furnished,
            paths,
        )
    ]
    assert not found, "\n".join(found)


def _found(visitor: Visitor, furnished: Company, paths: list[str]) -> list[str]:
    """What is wrong with any of the pages."""
    page, found = visitor.page, []
    schemes: list[Scheme] = ["light", "dark"]
    if paths is not PUBLIC:
        visitor.sign_in(furnished.email)
    for path in paths:
        open_whole(visitor, path)
        for scheme in schemes:
            wear(page, scheme)
            rules = RULES if scheme == schemes[0] else RULES_OF_COLORS
            found += [f"{scheme} {finding}" for finding in findings(page, rules)]
        # The next page is opened in the scheme that this one has ended with.
        schemes.reverse()
        if paths is not PUBLIC and overflow(page) > 0:
            found.append(f"{path} is {overflow(page)} px too wide")
    return found
