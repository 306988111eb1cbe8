"""The inbox: a mention lands there, the record is at its right, done and undone by keys; what one watches, and wishes."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company
from tests.e2e.test_accessibility import PHONE, findings, overflow


def _colleague(company: Company) -> str:
    """An access token of somebody else in the company."""
    email = company.joined_by("member")
    token: str = company.api("POST", "/sessions", {"email": email, "password": PASSWORD})["access_token"]
    return token


def _mention(company: Company, token: str, subject: str, row_id: int, words: str) -> None:
    body = f"@[{company.user_id}] {words}"
    company.api("POST", f"/{subject}/{row_id}/entries", {"kind": "comment", "body": body}, token)


def test_what_one_is_told_is_read_and_done(visit: Visit, company: Company) -> None:
    token = _colleague(company)
    contact = company.contact(given_name="Ben", family_name="Cole")
    project = company.project("Shopfront")
    _mention(company, token, "contacts", contact, "can you sign off the price?")
    _mention(company, token, "projects", project, "the glass has come")
    task = company.api("POST", "/tasks", {"title": "Print samples", "assignee_ids": [company.user_id]}, token)
    visitor = visit()
    page = visitor.sign_in(company.email, "/")
    navigation = page.get_by_role("navigation", name="Main navigation")
    expect(navigation.get_by_role("link", name=re.compile("^Inbox 3"))).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    rows = page.locator("[data-id]")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("gave you a task")
    assert findings(page) == []
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Print samples")).to_be_visible()
    expect(navigation.get_by_role("link", name=re.compile("^Inbox 2"))).to_be_visible()
    visitor.wait_until_quiet(page)
    assert findings(page) == []
    page.keyboard.press("e")
    expect(rows).to_have_count(2)
    # What comes next is open already, and what was written is marked in its place.
    record = page.get_by_role("region", name="What it is about")
    expect(record.get_by_role("heading", name="Shopfront")).to_be_visible()
    expect(record.get_by_text("the glass has come")).to_be_visible()
    visitor.wait_until_quiet(page)
    page.keyboard.press("Control+z")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="All done").click()
    expect(rows).to_have_count(0)
    page.get_by_role("link", name="Done", exact=True).click()
    expect(rows).to_have_count(3)
    page.get_by_role("link", name="Mentions", exact=True).click()
    expect(rows).to_have_count(2)
    assert company.api("GET", "/notifications/count") == {"unread": 0}
    items = company.api("GET", "/notifications?state=done")["items"]
    of_task = next(item["id"] for item in items if item["row_id"] == task["id"])
    page.goto(f"/inbox/{of_task}")
    expect(page.get_by_role("heading", name="Print samples")).to_be_visible()


def test_on_a_phone_the_record_comes_after_the_list(visit: Visit, company: Company) -> None:
    _mention(company, _colleague(company), "contacts", company.contact(given_name="Ben"), "please call him")
    visitor = visit(viewport=PHONE)
    page = visitor.sign_in(company.email, "/inbox")
    page.get_by_role("link", name=re.compile("mentioned you")).click()
    expect(page.get_by_role("heading", name="Ben")).to_be_visible()
    expect(page.locator("[data-id]")).to_have_count(0)
    visitor.wait_until_quiet(page)
    assert overflow(page) <= 0
    assert findings(page) == []
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page).to_have_url(re.compile("/inbox$"))
    expect(page.get_by_text("All done", exact=True).first).to_be_visible()


def test_one_says_what_one_wants_to_be_told(visit: Visit, company: Company) -> None:
    contact = company.contact(given_name="Ben")
    visitor = visit()
    page = visitor.sign_in(company.email, f"/contacts/{contact}")
    page.get_by_role("button", name=re.compile("^More actions for")).first.click()
    page.get_by_role("menuitem", name="Mute").click()
    expect(page.get_by_text("Muted: you are only told", exact=False).first).to_be_visible()
    assert company.api("GET", f"/contacts/{contact}/watch")["is_muted"] is True
    page.goto("/settings/profile")
    page.get_by_role("combobox", name="E-mail: Mentions").click()
    page.get_by_role("option", name="No e-mail").click()
    expect(page.get_by_role("combobox", name="E-mail: Mentions")).to_have_text("No e-mail")
    page.get_by_role("switch", name="Watched").click()
    visitor.wait_until_quiet(page)
    kinds = company.api("GET", "/profile/notifications")["kinds"]
    assert (kinds["mentioned"]["mail"], kinds["watched"]["shown"]) == ("never", False)
    assert findings(page) == []
