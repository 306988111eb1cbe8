"""Another address counts once its link was opened; until then the profile says that it waits."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company

WORKER_MILLISECONDS = 10_000


def _open_mail(page: Page, recipient: str, subject: str) -> None:
    page.goto("/dev/mail")
    mail = page.get_by_role("article").filter(has_text=recipient).filter(has_text=subject)
    for _ in range(WORKER_MILLISECONDS // 500):
        if mail.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    mail.first.get_by_role("link").click()


def _ask(page: Page, email: str) -> None:
    page.get_by_label("E-mail", exact=True).fill(email)
    expect(page.get_by_text("It counts once you have used the link")).to_be_visible()
    page.get_by_label("Current password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=email)).to_be_visible()


def test_an_address_is_changed_by_way_of_a_mail(visit: Visit, company: Company) -> None:
    new = f"new-{secrets.token_hex(6)}@example.com"
    visitor = visit()
    page = visitor.page
    visitor.sign_in(company.email)
    page.goto("/settings/profile")
    _ask(page, new)
    # What was asked for can be taken back, and asked for again.
    page.get_by_role("button", name="Cancel change").click()
    expect(page.get_by_role("status").filter(has_text=new)).to_have_count(0)
    _ask(page, new)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text(f"A new link is on its way to {new}.").first).to_be_visible()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(company.email)
    _open_mail(page, new, "Confirm your new email address")
    page.get_by_role("button", name="Confirm address").click()
    expect(page.get_by_text("Your address is confirmed.")).to_be_visible()
    page.get_by_role("link", name="Go to Settings").click()
    expect(page.get_by_label("E-mail", exact=True)).to_have_value(new)
    expect(page.get_by_role("status").filter(has_text=new)).to_have_count(0)
