"""What is written on records: a call with its next step, drafts, replies, and where it is found again."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company
from tests.e2e.test_accessibility import PHONE, findings

WORDS = "Wants a quote by Friday "


def entries_of(company: Company, contact: int) -> list[dict[str, object]]:
    items: list[dict[str, object]] = company.api("GET", f"/contacts/{contact}/timeline")["items"]
    return [item for item in items if item["source"] == "entry"]


def test_a_call_is_logged_with_its_next_step(visit: Visit, company: Company) -> None:
    office = company.contact(kind="organization", name="Harbour Lane Books")
    ben = company.contact(name="Ben Cole", organization_id=office, phones=[{"value": "030 23125 516"}])
    company.joined_by("member")
    visitor = visit()
    page = visitor.sign_in(company.email, f"/contacts/{ben}")
    expect(page.get_by_text("No next step")).to_be_visible()
    expect(page.get_by_text("not in touch yet")).to_be_visible()
    form = page.get_by_role("form", name="Write a note")
    expect(form).to_be_visible()
    page.keyboard.press("c")
    words = page.get_by_role("textbox", name="Log a call")
    expect(words).to_be_focused()
    log = page.get_by_role("button", name="Log call")
    expect(log).to_have_attribute("aria-disabled", "true")
    page.keyboard.type(f"{WORDS}@ad")
    expect(page.get_by_role("option", name="Ada Berg")).to_be_visible()
    page.keyboard.press("Enter")
    expect(words).to_have_value(f"{WORDS}@Ada Berg ")
    page.get_by_role("textbox", name="Next step").fill("Send quote, Fri")
    expect(page.get_by_role("form", name="Log a call")).to_contain_text(re.compile("tomorrow|in [2-7] days"))
    assert findings(page) == []
    page.reload()
    expect(words).to_have_value(f"{WORDS}@Ada Berg ")
    words.press("Control+Enter")
    card = page.get_by_role("article", name=re.compile("^Ada Berg, "))
    expect(card).to_contain_text("Wants a quote by Friday @Ada Berg")
    expect(card).to_contain_text("Reached")
    expect(page.get_by_role("region", name="Next step")).to_contain_text("Send quote")
    expect(page.get_by_text(re.compile("Last touch (now|this minute)"))).to_be_visible()
    [task] = company.api("GET", f"/tasks?contact_id={ben}")["items"]
    assert (task["title"], task["due_on"] is not None, task["assignee_ids"]) == (
        "Send quote",
        True,
        [company.user_id],
    )
    [item] = entries_of(company, office)
    assert item["entry"]["mentions"] == [company.user_id]  # type: ignore[index]


def test_words_are_answered_changed_pinned_found_and_thrown_away(visit: Visit, company: Company) -> None:
    ben = company.contact(name="Ben Cole")
    note = {"subject_type": "contact", "subject_id": ben, "body": "Likes tea"}
    entry = company.api("POST", "/entries", note)["id"]
    visitor = visit()
    page = visitor.sign_in(company.email, "/contacts")
    page.get_by_role("row", name="Ben Cole").click()
    panel = page.get_by_role("complementary", name="Contact")
    card = panel.locator(f"#entry-{entry}")
    card.get_by_role("button", name="Reply").click()
    card.get_by_role("textbox", name="Write a reply").fill("Green tea")
    page.keyboard.press("Control+Enter")
    expect(card.get_by_role("listitem")).to_have_text(re.compile("Green tea"))
    choose(card, "Edit")
    card.get_by_role("textbox", name="Write a note").fill("Likes green tea")
    page.keyboard.press("Control+Enter")
    expect(card).to_contain_text("edited")
    choose(card, "Pin")
    expect(panel.get_by_role("heading", name="Pinned")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search and commands").fill("likes green")
    page.get_by_role("option", name=re.compile("Likes green tea")).click()
    expect(page).to_have_url(re.compile(rf"/contacts/{ben}\?entry={entry}$"))
    choose(page.locator(f"#entry-{entry}"), "Delete")
    expect(page.locator(f"#entry-{entry}")).to_have_count(0)
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(f"#entry-{entry}")).to_contain_text("Green tea")


def test_a_call_that_is_ticked_off_is_asked_about_and_one_that_was_made_too(
    visit: Visit, company: Company
) -> None:
    ben = company.contact(name="Ben Cole", phones=[{"value": "+49 30 23125516"}])
    company.task("Call Ben", kind="call", contact_id=ben, assignee_ids=[company.user_id])
    page = visit(viewport=PHONE, has_touch=True).sign_in(company.email, "/")
    page.get_by_role("checkbox", name="Complete: Call Ben").tap()
    asked = page.get_by_role("dialog", name="How did the call go?")
    asked.get_by_text("No answer").tap()
    assert findings(page) == []
    asked.get_by_role("button", name="Log call").tap()
    expect(asked).to_have_count(0)
    [item] = entries_of(company, ben)
    assert item["entry"]["outcome"] == "no_answer"  # type: ignore[index]
    page.goto(f"/contacts/{ben}")
    expect(page.get_by_role("form", name="Write a note")).to_be_visible()
    page.evaluate(
        """() => {
            const link = document.querySelector('a[href^="tel:"]')
            link.addEventListener('click', event => event.preventDefault())
            link.click()
            document.dispatchEvent(new Event('visibilitychange'))
        }"""
    )
    expect(page.get_by_role("textbox", name="Log a call")).to_be_visible()
    expect(page.get_by_role("textbox", name="Minutes")).to_have_value("1")
    assert findings(page) == []


def test_a_comment_on_a_task_is_in_its_project_too(visit: Visit, company: Company) -> None:
    project = company.project()
    task = company.task("Write the texts", project_id=project)
    page = visit().sign_in(company.email, f"/tasks/{task}")
    page.get_by_role("button", name="Comment", exact=True).first.click()
    expect(page.get_by_role("textbox", name="Write a comment")).to_be_focused()
    page.keyboard.type("Texts come on Monday")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("article").filter(has_text="Texts come on Monday").last).to_be_visible()
    page.goto(f"/projects/{project}/journal")
    card = page.get_by_role("article").filter(has_text="Texts come on Monday")
    expect(card.get_by_role("link", name="Write the texts")).to_be_visible()
    assert findings(page) == []
    page.emulate_media(media="print")
    expect(card).to_be_visible()
    expect(page.get_by_role("form", name="Write a comment")).to_be_hidden()


def choose(card: Locator, item: str) -> None:
    """Choose from the menu of an entry."""
    card.get_by_role("button", name="More actions for this entry").first.click()
    card.page.get_by_role("menuitem", name=item, exact=True).click()
