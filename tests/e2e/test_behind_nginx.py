"""The page behind the documented nginx, which compresses: what is long is edited, what is large comes in and goes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e import server
from tests.e2e.people import Company, Visitor
from tests.nginx import NGINX, nginx

pytestmark = pytest.mark.skipif(NGINX is None, reason="there is no nginx (apt-get install nginx)")

LONG = "Called about the shelves; wants oak. " * 120


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[str, str]]:
    """The address of nginx, and the one of the server behind it."""
    port = server.free_port()
    running = server.Server(f"https://127.0.0.1:{port}")
    try:
        server.wait_for(running.address, running.log)
        with nginx(port, running.port) as address:
            yield address, running.address
    finally:
        running.stop()


@pytest.fixture
def company(behind: tuple[str, str]) -> Company:
    return Company(behind[1])


@pytest.fixture
def visitor(browser: Browser, behind: tuple[str, str]) -> Iterator[Visitor]:
    someone = Visitor(browser, behind[0], ignore_https_errors=True, accept_downloads=True)
    yield someone
    someone.close()


def test_a_long_note_is_edited(visitor: Visitor, company: Company) -> None:
    contact = company.contact(name="Harbour Lane Books", kind="organization", note=LONG)
    page = visitor.sign_in(company.email, f"/contacts/{contact}")
    with page.expect_response(lambda answer: answer.url.endswith(f"/api/contacts/{contact}")) as read:
        page.reload()
    assert read.value.headers["etag"].startswith("W/"), "nginx has not compressed it"
    for words in ("Fits the niche.", "Fits the niche, after all."):
        page.get_by_role("button", name=re.compile("^Edit Note")).click()
        field = page.get_by_role("textbox", name="Note", exact=True)
        field.fill(LONG + words)
        with page.expect_response(lambda answer: answer.request.method == "PATCH") as saved:
            field.press("Control+Enter")
        assert saved.value.status == 200
        assert company.api("GET", f"/contacts/{contact}")["note"].endswith(words)
    expect(page.get_by_role("dialog", name="Changed in the meantime")).to_have_count(0)


def test_a_file_comes_in_and_goes_out(visitor: Visitor, company: Company, tmp_path: Path) -> None:
    rows = "".join(f"Person {number},person{number}@example.org,{LONG}\n" for number in range(400))
    file = tmp_path / "people.csv"
    file.write_text(f"Name,E-Mail,Note\n{rows}")
    page = visitor.sign_in(company.email, "/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=re.compile("^(Check|Go on|Next)")).first.click()
    page.get_by_role("button", name=re.compile("^Import")).first.click(timeout=60_000)
    expect(page.get_by_role("heading", name="Import complete")).to_be_visible(timeout=60_000)
    token = company.token
    exported = visitor.context.request.get(
        "/api/contacts/export?format=csv", headers={"Authorization": f"Bearer {token}"}
    )
    assert exported.status == 200
    assert exported.text().count("@example.org") == 400
    everything = visitor.context.request.get(
        "/api/company/export", headers={"Authorization": f"Bearer {token}"}
    )
    assert (everything.status, everything.body()[:2]) == (200, b"PK")


def test_an_upload_that_nginx_refuses_says_so(visitor: Visitor, company: Company, tmp_path: Path) -> None:
    file = tmp_path / "large.csv"
    file.write_text("Name\n" + "x" * (35 << 20))
    visitor.allows.add(413)
    page = visitor.sign_in(company.email, "/contacts/import")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(re.compile("too large|34 MB|larger than", re.IGNORECASE)).first).to_be_visible(
        timeout=60_000
    )
