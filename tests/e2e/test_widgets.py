"""Selects, the date picker and questions: by mouse, by keyboard, on a phone, and clean in axe while they are open."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import PHONE, findings

TODAY = date(2026, 11, 28)


@pytest.fixture
def task(company: Company) -> int:
    return company.task("Call Ben", assignee_ids=[company.user_id], project_id=company.project())


def due_of(company: Company, task: int) -> str | None:
    due: str | None = company.api("GET", f"/tasks/{task}")["due_on"]
    return due


def test_a_select_is_used_by_keys_alone(visit: Visit, company: Company, task: int) -> None:
    page = visit().sign_in(company.email, f"/tasks/{task}")
    priority = page.get_by_role("combobox", name="Priority")
    expect(priority).to_have_text("None")
    priority.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", name="None")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(priority).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("option", name="None")).to_be_focused()
    page.keyboard.press("End")
    with page.expect_response(re.compile(f"/api/tasks/{task}$")):
        page.keyboard.press("Enter")
    expect(priority).to_have_text("Urgent")
    expect(priority).to_be_focused()
    assert company.api("GET", f"/tasks/{task}")["priority"] == 4


def test_a_long_select_has_a_search_line(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/settings/company")
    page.get_by_label("Time zone").click()
    search = page.get_by_role("combobox", name="Search: Time zone")
    expect(search).to_be_focused()
    search.fill("lord howe")
    expect(page.get_by_role("option")).to_have_count(1)
    assert findings(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_label("Time zone")).to_contain_text("Lord Howe")
    page.get_by_label("Language").first.click()
    page.get_by_role("option").nth(2).click()
    expect(page.get_by_role("listbox")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "field", "typed", "days"),
    [
        ("en-US", "Due", "tomorrow", 1),
        ("de-DE", "Fällig", "morgen", 1),
        ("de-DE", "Fällig", "in 2 Wochen", 14),
        ("en-US", "Due", "+3", 3),
    ],
)
def test_a_day_is_typed_as_people_write_it(
    visit: Visit, company: Company, task: int, locale: str, field: str, typed: str, days: int
) -> None:
    page = visit(locale=locale).sign_in(company.email, f"/tasks/{task}")
    page.clock.set_fixed_time(f"{TODAY}T10:00:00Z")
    page.get_by_role("combobox", name=field, exact=True).click()
    page.get_by_role("textbox", name=field, exact=True).fill(typed)
    assert findings(page) == []
    with page.expect_response(re.compile(f"/api/tasks/{task}$")):
        page.keyboard.press("Enter")
    assert due_of(company, task) == str(TODAY + timedelta(days))


def test_a_day_is_chosen_by_its_name_and_in_the_calendar(visit: Visit, company: Company, task: int) -> None:
    page = visit().sign_in(company.email, f"/tasks/{task}")
    page.clock.set_fixed_time(f"{TODAY}T10:00:00Z")
    due = page.get_by_role("combobox", name="Due", exact=True)
    due.click()
    with page.expect_response(re.compile(f"/api/tasks/{task}$")):
        page.get_by_role("button", name="Next Monday").click()
    expect(due).to_have_text("Mon, Nov 30, 2026")
    assert due_of(company, task) == "2026-11-30"
    due.click()
    expect(page.get_by_role("textbox", name="Due", exact=True)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-value='2026-11-30']")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-value='2026-12-01']:not([data-outside-view])")).to_be_focused()
    with page.expect_response(re.compile(f"/api/tasks/{task}$")):
        page.keyboard.press("Enter")
    assert due_of(company, task) == "2026-12-01"
    expect(page.get_by_role("dialog")).to_have_count(0)
    due.click()
    with page.expect_response(re.compile(f"/api/tasks/{task}$")):
        page.get_by_role("button", name="Remove date").click()
    assert due_of(company, task) is None


def test_on_a_phone_selects_and_days_come_from_the_bottom(visit: Visit, company: Company, task: int) -> None:
    page = visit(viewport=PHONE, has_touch=True).sign_in(company.email, f"/tasks/{task}")
    for name in ("Priority", "Due"):
        page.get_by_role("combobox", name=name, exact=True).tap()
        sheet = page.get_by_role("dialog", name=name)
        expect(sheet).to_be_visible()
        box = sheet.bounding_box()
        assert box is not None
        assert box["width"] == PHONE["width"]
        assert box["y"] + box["height"] == PHONE["height"]
        assert findings(page) == []
        page.keyboard.press("Escape")
        expect(sheet).to_have_count(0)


def test_leaving_unsaved_input_is_asked_in_the_page(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/settings/company")
    page.get_by_role("textbox", name="Company").fill("Red Door")
    leave(page)
    question = page.get_by_role("alertdialog", name="Leave without saving?")
    expect(question.get_by_role("button", name="Stay here")).to_be_focused()
    assert findings(page) == []
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(page.get_by_role("textbox", name="Company")).to_have_value("Red Door")
    leave(page)
    question.get_by_role("button", name="Leave", exact=True).click()
    expect(page.get_by_role("heading", name="Contacts", level=1)).to_be_visible()


def leave(page: Page) -> None:
    page.get_by_role("navigation", name="Main navigation").get_by_role("link", name="Contacts").click()


def test_empty_fields_of_a_contact_are_behind_one_button(visit: Visit, company: Company) -> None:
    contact = company.contact(name="Ben Cole", job_title="Buyer", tags=["press", "fair"])
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts?tag=press")
    expect(page.get_by_role("row", name="Ben Cole")).to_contain_text("+1")
    page.get_by_role("row", name="Ben Cole").click()
    page.get_by_role("link", name="Open full page").click()
    expect(page).to_have_url(re.compile(f"/contacts/{contact}$"))
    expect(page.get_by_text("Buyer").first).to_be_visible()
    expect(page.get_by_text("Nickname")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Show [0-9]+ empty fields$")).click()
    expect(page.get_by_text("Nickname")).to_be_visible()
    page.get_by_role("navigation", name="Back").get_by_role("link", name="Contacts").click()
    expect(page).to_have_url(re.compile(r"/contacts\?tag=press$"))


def test_a_filter_that_no_view_has_is_offered_to_be_saved(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole", tags=["press"])
    page = visit().sign_in(company.email, "/contacts")
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
    expect(page.get_by_role("button", name="Save view")).to_have_count(0)
    page.goto("/contacts?tag=press&kind=person")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("textbox", name="Name")).to_have_value("People, press")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="People, press")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("button", name="Save view")).to_have_count(0)


@pytest.mark.parametrize("view", ["calendar", "timeline"])
def test_a_project_is_filtered_in_every_view(visit: Visit, company: Company, view: str) -> None:
    project = company.project()
    for title, labels in (("Write the texts", ["text"]), ("Choose typefaces", [])):
        company.task(title, project_id=project, labels=labels, start_on="2026-12-07", due_on="2026-12-09")
    path = f"/projects/{project}/{view}?date=2026-12-01"
    page = visit().sign_in(company.email, path)
    expect(page.get_by_text("Choose typefaces").first).to_be_visible()
    page.get_by_role("searchbox", name="Search tasks in this project").fill("texts")
    expect(page.get_by_text("Choose typefaces")).to_have_count(0)
    expect(page.get_by_text("Write the texts").first).to_be_visible()


def test_all_keys_are_listed(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/contacts")
    expect(page.get_by_role("heading", name="Contacts", level=1)).to_be_visible()
    page.keyboard.press("Shift+?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    for text in ("Go to Contacts", "Move the card", "Other month", "Save a long text"):
        expect(dialog).to_contain_text(text)


def test_on_a_phone_a_task_has_one_round_control(visit: Visit, company: Company, task: int) -> None:
    assert task
    page = visit(viewport=PHONE, has_touch=True).sign_in(company.email, "/tasks")
    check = page.get_by_role("checkbox", name="Complete: Call Ben")
    select = page.get_by_role("checkbox", name="Select Call Ben")
    expect(check).to_be_visible()
    expect(select).to_be_hidden()
    page.get_by_role("button", name="Select", exact=True).tap()
    expect(select).to_be_visible()
    expect(check).to_be_hidden()
