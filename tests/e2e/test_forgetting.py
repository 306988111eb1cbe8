"""The trash in a browser: searched, said what comes back, emptied; and a contact that is erased."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


def test_the_trash_is_searched_restored_from_and_emptied(visit: Visit, company: Company) -> None:
    project = company.project("Roof")
    company.task("Tiles", project_id=project)
    company.contact(name="Ben Cole")
    company.contact(name="Zoë Fischer")
    for place in (f"projects/{project}", "contacts/1", "contacts/2"):
        company.api("DELETE", f"/{place}")
    page = visit().sign_in(company.email, "/trash")
    roof = page.get_by_role("listitem").filter(has_text="Roof")
    expect(roof).to_contain_text("brings back 3 columns and 1 task")
    page.get_by_role("searchbox", name="Search the trash").fill("zoe")
    expect(roof).to_have_count(0)
    page.get_by_role("button", name="Delete Zoë Fischer for good").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.get_by_role("searchbox", name="Search the trash").fill("")
    page.get_by_role("button", name="Restore Roof").click()
    expect(roof.get_by_role("button")).to_have_count(0)
    page.get_by_role("button", name="Empty trash").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Empty trash").click()
    expect(page.get_by_text("The trash is empty")).to_be_visible()


def test_an_owner_erases_a_contact_by_its_name(visit: Visit, company: Company) -> None:
    company.contact(name="Ben Cole")
    page = visit().sign_in(company.email, "/contacts/1")
    page.get_by_role("button", name="More actions for Ben Cole").first.click()
    page.get_by_role("menuitem", name="Erase all data").click()
    dialog = page.get_by_role("dialog", name="Erase all data about Ben Cole?")
    expect(dialog).to_contain_text("What stays")
    dialog.get_by_role("textbox").fill("Ben Cole")
    dialog.get_by_role("button", name="Erase all data").click()
    expect(page).to_have_url(re.compile(r"/contacts$"))
    expect(page.get_by_text("No contacts yet")).to_be_visible()
