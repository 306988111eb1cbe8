"""A customer list comes in by the page."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company

CSV = """\
Company;Full name;E-Mail;Telephone;Remark
Harbour Lane Books;Ben Cole;ben@example.org;020 7946 0018;met at the fair
Blue Mesa;Zoë Fischer;zoe at example.org;;
;Chloë Nguyễn;chloe@example.org;;
"""
VCARD = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Simon Perreault\r\nEMAIL:simon@example.org\r\nEND:VCARD\r\n"


def test_a_table_is_previewed_mapped_checked_and_imported(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    file = tmp_path / "customers.csv"
    file.write_text(CSV, encoding="utf-8")
    page = visit().sign_in(company.email, "/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_role("heading", name="Match columns")).to_be_visible()
    page.get_by_role("button", name=re.compile("^(Check|Go on|Next)")).first.click()
    expect(page.get_by_role("heading", name="Review the import")).to_be_visible()
    expect(page.get_by_text("This must be an e-mail address").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^Import")).first.click()
    expect(page.get_by_role("heading", name="Import complete")).to_be_visible()
    names = {contact["name"] for contact in company.api("GET", "/contacts")["items"]}
    assert {"Ben Cole", "Chloë Nguyễn", "Harbour Lane Books"} <= names


def test_a_card_of_an_address_book_is_imported(visit: Visit, company: Company, tmp_path: Path) -> None:
    file = tmp_path / "simon.vcf"
    file.write_text(VCARD)
    page = visit().sign_in(company.email, "/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("Simon Perreault").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^(Check|Go on|Next)")).first.click()
    page.get_by_role("button", name=re.compile("^Import")).first.click()
    expect(page.get_by_role("heading", name="Import complete")).to_be_visible()
    assert [contact["name"] for contact in company.api("GET", "/contacts")["items"]] == ["Simon Perreault"]


def test_an_import_shows_how_far_it_is_and_is_called_off(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    file = tmp_path / "many.csv"
    rows = (f"Person {number},person{number}@example.org\n" for number in range(15_000))
    file.write_text("Name,E-mail\n" + "".join(rows), encoding="utf-8")
    page = visit().sign_in(company.email, "/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=re.compile("^(Check|Go on|Next)")).first.click()
    expect(page.get_by_text(re.compile(r"Row [\d,]+ of 15,000\."))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The import was called off. Nothing was written.")).to_be_visible()
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("progressbar", name="Trial run")).to_be_visible()
