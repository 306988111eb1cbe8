"""What owners see of their company's data: a backup that becomes a company, and how much the company may have."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company
from tests.e2e.server import Operator
from tests.e2e.test_accessibility import PHONE, findings
from tests.e2e.test_company_jobs import A_JOB_MS


def test_an_owner_makes_a_new_company_of_a_backup(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole")
    page = visit(viewport=PHONE, color_scheme="dark").sign_in(company.email, "/settings/data")
    page.get_by_role("button", name="Back up now").click()
    ask = page.get_by_role("button", name=re.compile("^New company from the backup"))
    expect(ask).to_be_enabled(timeout=A_JOB_MS)
    ask.click()
    dialog = page.get_by_role("dialog", name="New company from a backup")
    name, make = (
        dialog.get_by_label("Name of the new company"),
        dialog.get_by_role("button", name="Create company"),
    )
    expect(name).to_be_focused()
    name.fill(" ")
    expect(make).to_be_disabled()
    assert findings(page) == []
    name.fill("Blue Door then")
    name.press("Enter")
    expect(dialog).to_have_count(0)
    expect(page.get_by_text("The new company is ready", exact=True)).to_be_visible(timeout=A_JOB_MS)
    made, _ = company.api("GET", "/company/jobs")["items"]
    assert (made["kind"], made["state"], made["company"]["name"]) == ("restore", "done", "Blue Door then")
    there = {"email": company.email, "password": PASSWORD, "company": made["company"]["id"]}
    token = company.api("POST", "/sessions", there)["access_token"]
    (contact,) = company.api("GET", "/contacts", token=token)["items"]
    assert contact["name"] == "Ben Cole"


def test_an_owner_sees_what_the_company_may_have_before_it_bites(
    visit: Visit, company: Company, operator: Operator
) -> None:
    operator.crmtenant("company", "quota", company.slug, "--seats", "1", "--bytes", "10GB")
    page = visit(viewport=PHONE, color_scheme="dark").sign_in(company.email, "/settings/company")
    usage = page.get_by_role("region", name="Usage")
    expect(usage).to_contain_text("of 10 GB")
    expect(usage).to_contain_text("1 of 1")
    expect(usage.get_by_role("status")).to_contain_text("Nobody else can be invited.")
    assert findings(page) == []
