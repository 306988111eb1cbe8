"""From nothing to the first task, by the page alone."""

from __future__ import annotations

import secrets

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company


def test_who_comes_first_starts_a_company_and_completes_a_task(visit: Visit) -> None:
    page = visit().page
    page.goto("/")
    expect(page).to_have_url("/welcome")
    page.get_by_role("link", name="Create your company").click()
    page.get_by_label("Company").fill("Müller & Söhne")
    page.get_by_label("Your name").fill("Ada Berg")
    page.get_by_label("E-mail").fill(f"{secrets.token_hex(6)}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create company").click()
    expect(page).to_have_url("/")
    expect(page.get_by_role("button", name="Müller & Söhne (switch company)")).to_be_visible()
    add = page.get_by_role("textbox", name="Add task").first
    add.fill("Call Ben")
    add.press("Enter")
    page.get_by_role("checkbox", name="Complete: Call Ben").click()
    expect(page.get_by_text("Task completed").first).to_be_visible()


def test_the_demo_company_is_one_click_away(visit: Visit) -> None:
    page = visit().page
    page.goto("/")
    page.get_by_role("button", name="Explore the demo company").click()
    expect(page.get_by_role("button", name="Northwind (switch company)")).to_be_visible()
    expect(page.get_by_text("This is a demo company.")).to_be_visible()
    page.get_by_role("link", name="Contacts").click()
    expect(page.get_by_text("121 contacts")).to_be_visible()


def test_what_is_wrong_with_a_registration_is_said_at_its_field(visit: Visit, company: Company) -> None:
    page = visit(allows={409, 422}).page
    page.goto("/register")
    page.get_by_label("Company").fill("Acme")
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("E-mail").fill(company.email)
    page.get_by_label("Password", exact=True).fill("passwordpassword")
    page.get_by_role("button", name="Create company").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create company").click()
    expect(page.get_by_role("alert")).to_contain_text("This e-mail address is already registered.")


def test_signing_in_leads_to_where_one_wanted(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole")
    visitor = visit(allows={401})
    page = visitor.page
    page.goto("/contacts?q=ben")
    expect(page.get_by_text("Sign in to continue where you left off.")).to_be_visible()
    page.get_by_label("E-mail").fill(company.email)
    page.get_by_label("Password", exact=True).fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("is incorrect")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url("/contacts?q=ben")
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
