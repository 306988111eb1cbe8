"""Signed in stays signed in, in every tab; signed out is signed out, everywhere."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company


def test_several_tabs_open_at_once_and_nobody_is_signed_out(visit: Visit, company: Company) -> None:
    visitor = visit()
    visitor.sign_in(company.email, "/contacts")
    tabs = [visitor.page, *(visitor.new_page() for _ in range(3))]
    for tab in tabs:
        tab.evaluate("location.href = '/contacts'") if tab is visitor.page else tab.goto(
            "/", wait_until="commit"
        )
    for tab in tabs:
        expect(tab.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()
    for tab in tabs:
        tab.reload(wait_until="commit")
    for tab in tabs:
        expect(tab.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()


def test_signing_out_in_one_tab_signs_out_all(visit: Visit, company: Company) -> None:
    visitor = visit()
    page = visitor.sign_in(company.email)
    other = visitor.new_page()
    other.goto("/contacts")
    expect(other.get_by_text("No contacts yet")).to_be_visible()
    page.get_by_role("button", name="Ada Berg Owner").click()
    page.get_by_role("menuitem", name="Sign out").click()
    for tab in (page, other):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_sign_in_that_ended_elsewhere_is_asked_for_and_leads_back(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole")
    page = visit(allows={401}).sign_in(company.email, "/contacts?q=ben")
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
    company.api("DELETE", "/sessions")
    page.get_by_role("row", name="Ben Cole").click()
    expect(page.get_by_text("Sign in to continue where you left off.")).to_be_visible()
    page.get_by_label("E-mail").fill(company.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(re.compile(r"/contacts\?q=ben&open=contact-1"))
    expect(page.get_by_role("complementary", name="Contact")).to_contain_text("Ben Cole")


def test_who_is_offline_is_told_and_stays_signed_in(visit: Visit, company: Company) -> None:
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts")
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    visitor.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    visitor.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)
    expect(page.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()


def test_a_password_is_changed_and_other_devices_are_out(visit: Visit, company: Company) -> None:
    laptop, phone = visit(), visit(allows={401})
    page, elsewhere = laptop.sign_in(company.email, "/settings/password"), phone.sign_in(company.email)
    expect(elsewhere.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill("eight yellow raincoats")
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Password changed.").first).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Password")).to_be_visible()
    elsewhere.goto("/contacts")
    expect(elsewhere.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_invitation_link_leads_into_the_company(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/settings/members")
    page.get_by_label("E-mail").fill(f"kim-of-{company.email}")
    page.get_by_role("button", name="Invite").click()
    link = page.get_by_role("textbox", name="Invitation link").input_value()
    guest = visit().page
    guest.goto(link)
    guest.get_by_label("Your name").fill("Kim Bell")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.get_by_role("button", name="Join company").click()
    expect(guest.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()
    expect(guest.get_by_role("button", name="Kim Bell Member")).to_be_visible()
