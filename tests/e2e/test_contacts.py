"""Contacts: found, changed, bundled, moved to trash and restored."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


@pytest.fixture
def page(visit: Visit, company: Company) -> Page:
    company.contact(kind="organization", name="Harbour Lane Books")
    company.contact(name="Ben Cole", organization_id=1, tags=["press"], emails=[{"value": "ben@example.org"}])
    company.contact(name="Zoë Fischer", phones=[{"value": "030 23125 516"}])
    return visit(allows={422}).sign_in(company.email, "/contacts")


def test_what_is_shown_is_in_the_address_and_survives_reload_and_back(page: Page) -> None:
    page.get_by_role("searchbox", name="Search contacts").fill("zoe")
    expect(page).to_have_url(re.compile(r"q=zoe"))
    expect(page.get_by_role("row", name="Zoë Fischer")).to_be_visible()
    expect(page.get_by_role("row", name="Ben Cole")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("searchbox", name="Search contacts")).to_have_value("zoe")
    page.get_by_role("link", name="Organisations").click()
    expect(page.get_by_role("row", name="Harbour Lane Books")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("row", name="Zoë Fischer")).to_be_visible()


def test_headings_sort_by_the_server(page: Page) -> None:
    expect(page.get_by_role("columnheader", name="Name")).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    expect(page).to_have_url(re.compile(r"sort=-name"))
    expect(page.get_by_role("row").nth(1)).to_contain_text("Zoë Fischer")


def test_chosen_columns_are_remembered(page: Page) -> None:
    page.get_by_role("button", name="Columns").click()
    page.get_by_role("checkbox", name="Job title").check()
    expect(page.get_by_role("columnheader", name="Job title")).to_be_visible()
    page.reload()
    expect(page.get_by_role("columnheader", name="Job title")).to_be_visible()


def test_many_are_tagged_thrown_away_and_brought_back(page: Page) -> None:
    page.get_by_role("checkbox", name="Select all loaded rows").check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("button", name="Tags").click()
    page.get_by_role("combobox", name="Tag").fill("spring mailing")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("row", name="Zoë Fischer")).to_contain_text("spring mailing")
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    notice = page.get_by_role("listitem").filter(has_text="3 contacts moved to trash")
    notice.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()


def test_a_field_is_edited_where_it_stands_and_the_server_has_the_last_word(page: Page) -> None:
    page.get_by_role("row", name="Ben Cole").click()
    panel = page.get_by_role("complementary", name="Contact")
    expect(page).to_have_url(re.compile(r"open=contact-2"))
    panel.get_by_role("button", name="Edit E-mail: ben@example.org").click()
    panel.get_by_role("textbox", name="E-mail").fill("ben at example.org")
    panel.get_by_role("textbox", name="E-mail").press("Enter")
    expect(panel.get_by_role("alert")).to_be_visible()
    panel.get_by_role("textbox", name="E-mail").fill("cole@example.org")
    panel.get_by_role("textbox", name="E-mail").press("Enter")
    expect(panel.get_by_role("button", name="Edit E-mail: cole@example.org")).to_be_visible()
    expect(page.get_by_role("row", name="Ben Cole")).to_contain_text("cole@example.org")
    panel.get_by_role("button", name="Close").click()
    expect(panel).to_have_count(0)


def test_a_view_is_saved_and_found_again(page: Page) -> None:
    page.goto("/contacts?tag=press")
    page.get_by_role("button", name="Save or edit views").click()
    page.get_by_role("menuitem", name="Save as view").click()
    page.get_by_role("textbox", name="Name").fill("The press")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="The press")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.get_by_role("row", name="Zoë Fischer")).to_be_visible()
    page.get_by_role("link", name="The press").click()
    expect(page.get_by_role("row", name="Zoë Fischer")).to_have_count(0)
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()


def test_a_new_contact_that_may_be_there_already_is_pointed_out(page: Page) -> None:
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="New contact")
    dialog.get_by_label("First name").fill("Ben")
    dialog.get_by_label("E-mail").fill("ben@example.org")
    expect(dialog.get_by_role("link", name="Ben Cole")).to_be_visible()
    dialog.get_by_label("E-mail").fill("benjamin@example.org")
    dialog.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_role("complementary", name="Contact")).to_contain_text("benjamin@example.org")
