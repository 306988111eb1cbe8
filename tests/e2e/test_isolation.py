"""Two companies at once never see each other."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


def test_two_companies_in_two_browsers_see_only_their_own(visit: Visit, address: str) -> None:
    north, south = Company(address, "North"), Company(address, "South")
    pages = {}
    for company, mine in ((north, "Nora North"), (south, "Sami South")):
        contact = company.contact(name=mine)
        assert contact == 1, "the ids are the same in both"
        pages[mine] = visit(allows={404}).sign_in(company.email, "/contacts")
    for mine, page in pages.items():
        theirs = next(name for name in pages if name != mine)
        expect(page.get_by_role("row", name=mine)).to_be_visible()
        expect(page.get_by_text(theirs)).to_have_count(0)
        page.goto("/contacts/1")
        expect(page.get_by_role("button", name=f"Edit Name: {mine}")).to_be_visible()
        page.goto(f"/contacts?q={theirs.partition(' ')[0]}")
        expect(page.get_by_text("No matching contacts")).to_be_visible()
        page.goto("/contacts/2")
        expect(page.get_by_text("Not found")).to_be_visible()


def test_who_belongs_to_two_companies_switches_and_takes_nothing_along(visit: Visit, address: str) -> None:
    north, south = Company(address, "North"), Company(address, "South")
    north.contact(name="Nora North")
    south.contact(name="Sami South")
    south.takes_in(north.email)
    page = visit().sign_in(north.email, "/contacts")
    page.get_by_role("button", name="North (switch company)").click()
    page.get_by_role("menuitemcheckbox", name="South").click()
    expect(page.get_by_role("button", name="South (switch company)")).to_be_visible()
    page.get_by_role("link", name="Contacts").click()
    expect(page.get_by_role("row", name="Sami South")).to_be_visible()
    expect(page.get_by_text("Nora North")).to_have_count(0)


def test_a_mails_link_opens_in_the_company_it_is_about(visit: Visit, address: str) -> None:
    north, south = Company(address, "North"), Company(address, "South")
    north.task("Not this one")
    south.task("Ring the bell")
    south.takes_in(north.email)
    slug = south.api("GET", "/company")["slug"]
    visitor = visit()
    page = visitor.sign_in(north.email, f"/tasks/1?company={slug}")
    expect(page.get_by_role("button", name="South (switch company)")).to_be_visible()
    expect(page.get_by_text("Ring the bell").first).to_be_visible()
    expect(page).to_have_url(f"{address}/tasks/1")
    expect(page.get_by_text("Not this one")).to_have_count(0)
    page.goto(f"/tasks/1?company={slug}")
    expect(page).to_have_url(f"{address}/tasks/1")
    expect(page.get_by_text("Ring the bell").first).to_be_visible()
    page.goto("/tasks/1?company=somebody-elses")
    expect(page).to_have_url(f"{address}/")


def test_a_token_is_neither_in_storage_nor_in_the_address(visit: Visit, company: Company) -> None:
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts")
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    kept = page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
    )
    assert "eyJ" not in kept
    cookies = {
        (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) for cookie in visitor.context.cookies()
    }
    assert cookies == {("device", True, "Strict"), ("rt", True, "Strict")}
    answer = page.request.get("/contacts")
    assert "unsafe-eval" not in answer.headers["content-security-policy"]
