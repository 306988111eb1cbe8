"""What holds on every page: keys, languages, roles, and text that is only text."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.conftest import Visit
from tests.e2e.people import PASSWORD, Company

NASTY = "<img src=x onerror=window.hacked=1><script>window.hacked=1</script>"


def test_from_signing_in_to_a_completed_task_by_keys_alone(visit: Visit, company: Company) -> None:
    page = visit().page
    page.goto("/sign-in")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type(company.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Blue Door (switch company)")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Contacts", level=1)).to_be_visible()
    expect(page.get_by_text("No contacts yet")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_label("First name")).to_be_focused()
    page.keyboard.type("Ben")
    page.keyboard.press("Tab")
    page.keyboard.type("Cole")
    page.keyboard.press("Enter")
    panel = page.get_by_role("complementary", name="Contact")
    expect(panel).to_contain_text("Ben Cole")
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("t")
    expect(page.get_by_role("heading", name="Tasks", exact=True, level=1)).to_be_visible()
    page.keyboard.press("n")
    page.keyboard.type("Call Ben")
    page.keyboard.press("Enter")
    check = page.get_by_role("checkbox", name="Complete: Call Ben")
    check.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Task completed").first).to_be_visible()
    assert company.api("GET", "/tasks/1")["status"] == "done"


def test_the_palette_finds_and_goes(visit: Visit, furnished: Company) -> None:
    page = visit().sign_in(furnished.email)
    expect(page.get_by_role("button", name="Furnished (switch company)")).to_be_visible()
    page.keyboard.press("Control+k")
    search = page.get_by_role("combobox", name="Search and commands")
    search.fill("zoe")
    expect(page.get_by_role("option", name=re.compile("Zoë Fischer"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary", name="Contact")).to_contain_text("Zoë Fischer")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Go to Contacts")


def test_the_page_speaks_german(visit: Visit, furnished: Company) -> None:
    page = visit(locale="de-DE").sign_in(furnished.email, "/contacts")
    expect(page.get_by_role("heading", name="Kontakte")).to_be_visible()
    expect(page.get_by_text("5 Kontakte").or_(page.get_by_text("4 Kontakte"))).to_be_visible()
    page.goto("/settings/appearance")
    page.get_by_text("English").click()
    expect(page.get_by_role("heading", name="Appearance")).to_be_visible()


def test_whoever_may_only_look_sees_nothing_to_change(visit: Visit, furnished: Company) -> None:
    viewer = furnished.joined_by("viewer")
    page = visit().sign_in(viewer, "/contacts")
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
    expect(page.get_by_role("button", name="New contact")).to_have_count(0)
    expect(page.get_by_role("link", name="Import")).to_have_count(0)
    page.get_by_role("row", name="Ben Cole").click()
    panel = page.get_by_role("complementary", name="Contact")
    expect(panel).to_contain_text("ben@example.org")
    expect(panel.get_by_role("button", name=re.compile("^Edit"))).to_have_count(0)
    page.goto("/projects/1/board")
    expect(page.get_by_role("article").first).to_be_visible()
    expect(page.get_by_role("button", name="Add column")).to_have_count(0)
    expect(page.get_by_role("textbox", name=re.compile("^Add task"))).to_have_count(0)


def test_text_is_shown_as_text_wherever_it_stands(visit: Visit, company: Company) -> None:
    contact = company.contact(name=NASTY, note=NASTY, tags=[NASTY[:60]], job_title=NASTY)
    project = company.project(NASTY)
    company.api("PATCH", f"/projects/{project}", {"description": NASTY, "contact_id": contact})
    task = company.task(NASTY, project_id=project, description=f"{NASTY} [x](javascript:window.hacked=1)")
    page = visit().sign_in(company.email)
    for path in (
        "/contacts",
        f"/contacts/{contact}",
        "/projects",
        *(f"/projects/{project}/{view}" for view in ("board", "list", "calendar", "timeline")),
        f"/tasks/{task}",
        "/tasks?assignee=anyone",
        "/",
    ):
        page.goto(path)
        expect(page.get_by_text("onerror").first).to_be_attached()
        assert page.evaluate("window.hacked") is None
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("onerror")
    expect(page.get_by_role("option").first).to_be_visible()
    assert page.evaluate("window.hacked") is None


def test_on_a_phone_the_table_is_a_list_and_the_board_is_swiped(visit: Visit, furnished: Company) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, has_touch=True)
    page = visitor.sign_in(furnished.email, "/contacts")
    expect(page.get_by_role("row", name="Ben Cole")).to_be_visible()
    expect(page.get_by_role("columnheader")).to_have_count(0)
    page.get_by_role("row", name="Ben Cole").tap()
    panel = page.get_by_role("complementary", name="Contact")
    box = panel.bounding_box()
    assert box is not None
    assert box["width"] == 390
    page.goto("/projects/1/board")
    card = page.get_by_role("article").first
    expect(card).to_be_visible()
    wide = page.evaluate(
        "[...document.querySelectorAll('main *')].some(e => e.scrollWidth > e.clientWidth + 200"
        " && ['auto', 'scroll'].includes(getComputedStyle(e).overflowX))"
    )
    assert wide, "the lanes lie side by side and scroll"
