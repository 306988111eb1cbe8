"""What owners have done for their company: a backup, a file of it, a sandbox; and support that they let in and out."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import findings

A_JOB_MS = 60_000


def test_an_owner_makes_a_backup_and_takes_it_along_as_a_file(
    visit: Visit, company: Company, tmp_path: Path
) -> None:
    company.contact(name="Ben Cole")
    page = visit().sign_in(company.email, "/settings/data")
    page.get_by_role("button", name="Back up now").click()
    make = page.get_by_role("button", name=re.compile("^Make a file of the backup"))
    expect(make).to_be_visible(timeout=A_JOB_MS)
    expect(make).to_be_enabled(timeout=A_JOB_MS)
    make.click()
    download = page.get_by_role("button", name=re.compile("^Download the backup"))
    expect(download).to_be_visible(timeout=A_JOB_MS)
    with page.expect_download() as fetched:
        download.click()
    file = tmp_path / fetched.value.suggested_filename
    fetched.value.save_as(file)
    with zipfile.ZipFile(file) as archive:
        assert "Ben Cole" in archive.read("contacts.csv").decode()
    page.reload()  # without the notices
    expect(download).to_be_visible()
    assert findings(page) == []


def test_an_owner_cancels_what_was_asked_for_or_finds_it_done(visit: Visit, company: Company) -> None:
    page = visit(allows={409}).sign_in(company.email, "/settings/data")
    page.get_by_role("button", name="Create sandbox").click()
    cancel = page.get_by_role("status").get_by_role("button", name="Cancel")
    cancel.click()
    expect(cancel).to_have_count(0, timeout=A_JOB_MS)
    (job,) = company.api("GET", "/company/jobs")["items"]
    assert (job["kind"], job["state"]) in {("sandbox", "cancelled"), ("sandbox", "done")}
    assert job["is_cancelled"] == (job["state"] == "cancelled")


def test_an_owner_lets_support_in_and_out(visit: Visit, company: Company) -> None:
    page = visit().sign_in(company.email, "/settings/support")
    grant = page.get_by_role("button", name="Grant access")
    expect(grant).to_be_disabled()
    page.get_by_label("What is it about?").fill("The import stops at row 300.")
    grant.click()
    expect(page.get_by_text("Nobody has entered yet.")).to_be_visible()
    page.reload()  # without the notice
    expect(page.get_by_text("Nobody has entered yet.")).to_be_visible()
    assert findings(page) == []
    page.get_by_role("button", name="End access").first.click()
    expect(page.get_by_text("Nobody has entered yet.")).to_have_count(0)
    (given,) = company.api("GET", "/company/support")["items"]
    assert (given["is_open"], given["reason"]) == (False, "The import stops at row 300.")
