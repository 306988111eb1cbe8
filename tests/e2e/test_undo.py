"""What one did can be taken back: by Ctrl+Z, in the history of a record, and big changes as a whole."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import PHONE, findings

CSV = "Full name;E-Mail\nBen Cole;ben@example.org\nZoë Fischer;zoe@example.org\n"


def _note(company: Company, contact: int) -> str | None:
    note: str | None = company.api("GET", f"/contacts/{contact}")["note"]
    return note


def _rename(page: Page, name: str) -> None:
    page.get_by_role("button", name=re.compile("^Edit Name")).click()
    page.get_by_role("textbox", name="Name").fill(name)
    page.keyboard.press("Enter")


def test_ctrl_z_takes_back_what_one_did_last(visit: Visit, company: Company) -> None:
    contact = company.contact(given_name="Ben", family_name="Cole")
    # The page of what was thrown away asks for it once more.
    visitor = visit(allows={404})
    page = visitor.sign_in(company.email, f"/contacts/{contact}")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Ben Cole")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("There is nothing to undo", exact=True)).to_be_visible()
    _rename(page, "Ben Coleman")
    expect(heading).to_contain_text("Ben Coleman")
    visitor.wait_until_quiet(page)
    _rename(page, "Benjamin Coleman")
    expect(heading).to_contain_text("Benjamin Coleman")
    visitor.wait_until_quiet(page)
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: “Ben Coleman”: Name", exact=True)).to_be_visible()
    expect(heading).to_contain_text("Ben Coleman")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: “Ben Cole”: Name", exact=True)).to_be_visible()
    assert company.api("GET", f"/contacts/{contact}")["name"] == "Ben Cole"
    page.get_by_role("button", name=re.compile("^More actions for")).first.click()
    page.get_by_role("menuitem", name="Move to trash").click()
    expect(page).to_have_url(re.compile("/contacts$"))
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Undone: Contact moved to trash", exact=True)).to_be_visible()
    expect(page.get_by_role("checkbox", name="Select Ben Cole")).to_be_visible()


def test_the_history_tells_in_words_and_puts_a_value_back(visit: Visit, company: Company) -> None:
    office = company.contact(kind="organization", name="Blue Mesa")
    contact = company.contact(given_name="Ben", note="met at the fair")
    company.api(
        "PATCH",
        f"/contacts/{contact}",
        {"note": "met at the zoo", "organization_id": office, "birthday": "1980-03-01"},
    )
    page = visit().sign_in(company.email, f"/contacts/{contact}")
    page.get_by_role("button", name="Show history").click()
    drawer = page.get_by_role("dialog", name="History")
    expect(drawer.get_by_text("Blue Mesa")).to_be_visible()
    expect(drawer.get_by_text("Mar 1, 1980")).to_be_visible()
    expect(drawer.get_by_text("created this")).to_be_visible()
    assert findings(page) == []
    drawer.get_by_role("button", name="Put back Note: met at the fair").click()
    expect(page.get_by_text("Note put back", exact=True)).to_be_visible()
    # It is what it was again, so there is nothing to tell.
    expect(drawer.get_by_role("button", name=re.compile("Put back Note"))).to_have_count(0)
    assert _note(company, contact) == "met at the fair"
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()


def test_a_big_change_is_undone_but_for_what_others_changed_since(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    ids = [company.contact(given_name=name, tags=["old"]) for name in ("Ada", "Ben", "Zoë")]
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts")
    expect(page.get_by_role("checkbox", name="Select Ben")).to_be_visible()
    page.get_by_role("checkbox", name="Select all loaded rows").check()
    page.get_by_role("button", name="Tags").last.click()
    page.get_by_role("button", name="Remove old").click()
    done = page.get_by_text("Tag “old” removed", exact=True)
    expect(done).to_be_visible()
    company.api("PATCH", f"/contacts/{ids[1]}", {"tags": ["theirs"]})
    page.goto("/settings/changes")
    page.get_by_role("button", name=re.compile("^Undo: ")).click()
    question = page.get_by_role("dialog", name="Some of it has changed since")
    expect(question.get_by_text("Ben", exact=True)).to_be_visible()
    assert findings(page) == []
    question.get_by_role("button", name="Undo the rest").click()
    expect(page.get_by_text("Undone by", exact=False).first).to_be_visible()
    visitor.wait_until_quiet(page)
    tags = {one["id"]: one["tags"] for one in company.api("GET", "/contacts")["items"]}
    assert tags == {ids[0]: ["old"], ids[1]: ["theirs"], ids[2]: ["old"]}
    file = tmp_path / "people.csv"
    file.write_text(CSV, encoding="utf-8")
    page.goto("/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    page.get_by_role("button", name=re.compile("^(Check|Go on|Next)")).first.click()
    expect(page.get_by_role("heading", name="Review the import")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Import")).first.click()
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("The import has been undone.")).to_be_visible()
    names = {one["name"] for one in company.api("GET", "/contacts")["items"]}
    assert names & {"Ben Cole", "Zoë Fischer"} == set()


def test_the_history_fits_a_phone(visit: Visit, company: Company) -> None:
    task = company.task("Call Ben", due_on="2026-12-01", assignee_ids=[company.user_id])
    company.api("PATCH", f"/tasks/{task}", {"due_on": "2026-12-03", "assignee_ids": [], "priority": 3})
    page = visit(viewport=PHONE).sign_in(company.email, f"/tasks/{task}")
    page.get_by_role("button", name="Show history").click()
    drawer = page.get_by_role("dialog", name="History")
    expect(drawer.get_by_role("button", name="Put back Due: Dec 1")).to_be_visible()
    assert findings(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
