"""Slow pages are announced, and pages on paper are whole."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


def test_the_clicked_place_is_marked_while_its_page_is_slow_to_come(visit: Visit, company: Company) -> None:
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts")
    visitor.wait_until_quiet(page)
    held: list[Route] = []
    page.route(re.compile(r"/assets/TrashPage"), lambda route: held.append(route))
    place = page.get_by_role("link", name="Trash")
    place.click()
    expect(place).to_have_class(re.compile("text-acc-t"))
    expect(page.get_by_role("progressbar", name="Loading")).to_be_visible()
    expect(page.get_by_role("heading", name="Contacts", level=1)).to_be_visible()
    for route in held:
        route.continue_()
    expect(page.get_by_role("heading", name="Trash", level=1)).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_board_on_paper_has_every_card_and_nothing_to_click(visit: Visit, company: Company) -> None:
    project_id = company.project()
    create = [{"title": f"Task {n}", "project_id": project_id} for n in range(60)]
    company.api("POST", "/tasks/bulk", {"create": create})
    visitor = visit()
    page = visitor.sign_in(company.email, f"/projects/{project_id}/board")
    visitor.wait_until_quiet(page)
    assert page.locator("[data-card]").count() < 60
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("[data-card]")).to_have_count(60)
    expect(page.get_by_role("navigation").first).to_be_hidden()
    expect(page.get_by_role("button", name="Add column")).to_be_hidden()
    expect(page.get_by_role("link", name="Task 59", exact=True)).to_be_visible()
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(page.locator("[data-card]")).not_to_have_count(60)
