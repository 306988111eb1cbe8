"""An owner takes everything along, fills another company with it, and ends one, but not after all."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import findings


def test_everything_is_taken_along_to_another_company(
    visit: Visit, company: Company, address: str, tmp_path: Path
) -> None:
    company.contact(name="Ben Cole")
    company.task("Call Ben")
    page = visit().sign_in(company.email, "/settings/data")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Download all data").click()
    file = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(file)
    expect(page.get_by_text(re.compile("^Downloaded "))).to_be_visible()
    assert file.name.startswith("blue-door")

    other = Company(address, "Red Door")
    there = visit(allows={409, 422}).sign_in(other.email, "/settings/data")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:-200])
    there.get_by_label("Import company file").first.set_input_files(broken)
    expect(there.get_by_text("This is no zip file.").first).to_be_visible()
    there.get_by_label("Import company file").first.set_input_files(file)
    expect(there.get_by_text("Imported: 1 contact, 0 projects, 1 task.")).to_be_visible()
    there.get_by_label("Import company file").first.set_input_files(file)
    expect(there.get_by_text("This company already contains data")).to_be_visible()
    there.goto("/contacts")
    expect(there.get_by_role("row", name="Ben Cole")).to_be_visible()


def test_a_deletion_is_on_every_page_until_it_is_undone(visit: Visit, company: Company) -> None:
    member = company.joined_by("member")
    slug = company.api("GET", "/company")["slug"]
    page = visit().sign_in(company.email, "/settings/data")
    delete = page.get_by_role("button", name="Delete company")
    expect(delete).to_be_disabled()
    page.get_by_label(f"Type {slug} to confirm").fill(slug)
    page.keyboard.press("Enter")
    expect(page.get_by_text(re.compile("This company will be deleted on"))).to_be_visible()
    assert findings(page) == []
    working = visit().sign_in(member, "/contacts")
    expect(working.get_by_text(re.compile("This company will be deleted on"))).to_be_visible()
    expect(working.get_by_role("button", name="Cancel deletion")).to_have_count(0)
    page.goto("/tasks")
    page.get_by_role("button", name="Cancel deletion").click()
    expect(page.get_by_text(re.compile("This company will be deleted on"))).to_have_count(0)
    assert company.api("GET", "/company")["delete_after"] is None
