"""Two people change the same at the same time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


@pytest.mark.parametrize(("choice", "stays"), [("Keep mine", "Benjamin"), ("Keep theirs", "Bernard")])
def test_whose_values_stay_is_asked(visit: Visit, company: Company, choice: str, stays: str) -> None:
    contact = company.contact(name="Ben")
    page = visit(allows={412}).sign_in(company.email, f"/contacts/{contact}")
    page.get_by_role("button", name="Edit Name: Ben").click()
    company.api("PATCH", f"/contacts/{contact}", {"name": "Bernard"})
    page.get_by_role("textbox", name="Name", exact=True).fill("Benjamin")
    page.get_by_role("textbox", name="Name", exact=True).press("Enter")
    dialog = page.get_by_role("dialog", name="Changed in the meantime")
    expect(dialog).to_contain_text("Ada Berg changed this")
    expect(dialog).to_contain_text("Bernard")
    dialog.get_by_role("button", name=choice).click()
    expect(page.get_by_role("button", name=f"Edit Name: {stays}")).to_be_visible()
    assert company.api("GET", f"/contacts/{contact}")["name"] == stays
