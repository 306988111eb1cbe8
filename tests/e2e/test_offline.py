"""Without a connection: what is not saved is told, what is not loaded comes later."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company, Visitor

NOT_SAVED = "Could not reach the server."


@pytest.fixture
def visitor(visit: Visit, company: Company) -> Visitor:
    """Somebody who looks at a task, and has loaded nothing else yet."""
    company.task("Write the texts")
    visitor = visit(allows={503})
    visitor.sign_in(company.email, "/tasks?open=task-1")
    visitor.wait_until_quiet(visitor.page)
    expect(visitor.page.get_by_role("complementary", name="Task")).to_contain_text("Write the texts")
    return visitor


def test_the_first_save_that_fails_is_told_and_the_same_again_is_one_notice(visitor: Visitor) -> None:
    panel = visitor.page.get_by_role("complementary", name="Task")
    notice = visitor.page.get_by_role("listitem").filter(has_text=NOT_SAVED)
    panel.get_by_role("button", name=re.compile("^Edit Title")).click()
    visitor.context.set_offline(True)
    for title in ("Write the first text", "Write the second text", "Write no text"):
        panel.get_by_role("textbox", name="Title").fill(title)
        panel.get_by_role("textbox", name="Title").press("Enter")
        expect(notice).to_have_count(1)
    # What was typed is still there, to be saved when the connection is.
    expect(panel.get_by_role("textbox", name="Title")).to_have_value("Write no text")
    visitor.context.set_offline(False)
    panel.get_by_role("textbox", name="Title").press("Enter")
    expect(panel.get_by_role("button", name=re.compile("^Edit Title: Write no text"))).to_be_visible()


def test_a_page_opened_without_a_connection_says_so_and_comes_with_it(visitor: Visitor) -> None:
    page = visitor.page
    visitor.context.set_offline(True)
    page.get_by_role("link", name="Trash").click()
    expect(page.get_by_role("alert").filter(has_text="No connection.")).to_be_visible()
    expect(page.get_by_text("new version")).to_have_count(0)
    visitor.context.set_offline(False)
    expect(page.get_by_role("heading", name="Trash", level=1)).to_be_visible()
    expect(page.get_by_role("alert").filter(has_text="No connection.")).to_have_count(0)


def test_a_part_that_is_gone_with_a_newer_page_offers_to_reload_where_one_wanted_to_go(
    visitor: Visitor,
) -> None:
    page = visitor.page
    page.route(re.compile(r"/assets/TrashPage"), lambda route: route.abort())
    page.route(
        re.compile(r"/$"), lambda route: route.fulfill(body="<script src=/assets/index-new.js></script>")
    )
    page.get_by_role("link", name="Trash").click()
    expect(page.get_by_role("alert").filter(has_text="A new version")).to_be_visible()
    page.unroute_all()
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="Trash", level=1)).to_be_visible()
