"""The fleet's page in a browser, for an operator on a phone in the dark."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.e2e.people import PASSWORD, Company, Visitor
from tests.e2e.server import Operator
from tests.e2e.test_accessibility import PHONE, findings


def test_an_operator_signs_in_and_finds_a_company(
    browser: Browser, company: Company, operator: Operator
) -> None:
    operator.crmtenant("fleet", "account", "add", "mara", "--password-stdin", typed=f"{PASSWORD}\n")
    visitor = Visitor(browser, operator.fleet_address, viewport=PHONE, color_scheme="dark", allows={403})
    page = visitor.page
    page.goto(operator.fleet_address)
    page.get_by_label("Account").fill("mara")
    page.get_by_label("Password").fill("not this one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text("The account or the password is wrong.")
    assert findings(page) == []
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Servers")).to_be_visible()
    page.get_by_role("searchbox").fill(company.slug)
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 of ")).to_be_visible()
    expect(page.get_by_role("cell").filter(has_text=company.slug)).to_be_visible()
    assert findings(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    operator.crmtenant("fleet", "account", "remove", "mara", "--yes")
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    visitor.close()
