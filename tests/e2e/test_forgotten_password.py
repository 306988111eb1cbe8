"""Who has forgotten their password reads a mail and is in again."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company

NEW_PASSWORD = "five blue rowing boats"
WORKER_MILLISECONDS = 10_000


def test_a_forgotten_password_is_replaced_by_way_of_a_mail(visit: Visit, company: Company) -> None:
    visitor = visit()
    page = visitor.page
    page.goto("/sign-in")
    page.get_by_role("link", name="Forgot password?").click()
    # Signing in asks for an address too.
    expect(page.get_by_role("heading", name="Forgot password?")).to_be_visible()
    page.get_by_label("E-mail").fill(company.email)
    page.get_by_role("button", name="Send link").click()
    expect(page.get_by_role("status").filter(has_text=company.email)).to_be_visible()
    page.goto("/dev/mail")
    mail = page.get_by_role("article").filter(has_text=company.email).filter(has_text="Choose a new password")
    for _ in range(WORKER_MILLISECONDS // 500):
        if mail.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    mail.get_by_role("link").click()
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Save password").click()
    expect(page.get_by_text("Your password has been changed.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").fill(company.email)
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()
