"""What does not move in a task's panel, and boards of many tasks."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company

MANY = 1_000
MOST_DRAWN = 80


@pytest.fixture
def crowded(company: Company) -> int:
    """A project with 1,000 tasks in its first column."""
    project_id = company.project()
    for start in range(0, MANY, 500):
        create = [{"title": f"Task {start + n}", "project_id": project_id} for n in range(500)]
        company.api("POST", "/tasks/bulk", {"create": create})
    return project_id


def test_a_board_of_a_thousand_tasks_draws_and_drags_what_is_in_sight(
    visit: Visit, company: Company, crowded: int
) -> None:
    visitor = visit()
    page = visitor.sign_in(company.email, f"/projects/{crowded}/board")
    expect(page.get_by_role("link", name="Task 0", exact=True)).to_be_visible(timeout=30_000)
    assert page.locator("[data-card]").count() < MOST_DRAWN
    card = page.get_by_role("article").filter(has_text=re.compile("^Task 1$"))
    start, end = (
        card.bounding_box(),
        page.get_by_role("article").filter(has_text=re.compile("^Task 4$")).bounding_box(),
    )
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + 90, start["y"] + 14)
    page.mouse.down()
    for step in range(1, 11):
        page.mouse.move(
            start["x"] + 90, start["y"] + 14 + (end["y"] + end["height"] * 0.8 - start["y"] - 14) * step / 10
        )
        page.wait_for_timeout(20)
    with page.expect_response(re.compile("/move$")):
        page.mouse.up()
    titles = [
        item["title"]
        for item in company.api("GET", f"/projects/{crowded}/tasks?sort=position&limit=6")["items"]
    ]
    assert titles == ["Task 0", "Task 2", "Task 3", "Task 4", "Task 1", "Task 5"]
    visitor.wait_until_quiet(page)
    shown = page.get_by_role("list", name="Tasks in To do").locator("[data-card-link]")
    assert shown.all_inner_texts()[:6] == titles


def test_the_last_of_a_thousand_cards_is_reached_by_a_key(
    visit: Visit, company: Company, crowded: int
) -> None:
    page = visit().sign_in(company.email, f"/projects/{crowded}/board")
    page.get_by_role("link", name="Task 0", exact=True).focus(timeout=30_000)
    page.keyboard.press("End")
    expect(page.get_by_role("link", name=f"Task {MANY - 1}", exact=True)).to_be_focused()
    expect(page.get_by_role("link", name=f"Task {MANY - 1}", exact=True)).to_be_in_viewport()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("link", name=f"Task {MANY - 2}", exact=True)).to_be_focused()
    assert page.locator("[data-card]").count() < MOST_DRAWN
    page.keyboard.press("Home")
    expect(page.get_by_role("link", name="Task 0", exact=True)).to_be_focused()


@pytest.fixture
def panel(visit: Visit, company: Company) -> Page:
    company.task("Write the texts")
    visitor = visit()
    page = visitor.sign_in(company.email, "/tasks?open=task-1")
    visitor.wait_until_quiet(page)
    return page


def test_a_clicked_title_stays_as_high_as_it_was(panel: Page) -> None:
    shown = panel.get_by_role("button", name=re.compile("^Edit Title"))
    before = shown.bounding_box()
    shown.click()
    edited = panel.get_by_role("textbox", name="Title")
    assert before is not None
    after = edited.bounding_box()
    assert after is not None
    assert abs(after["height"] - before["height"]) <= 1
    edited.fill("A title " * 30)
    grown = edited.bounding_box()
    assert grown is not None
    assert grown["height"] > 2 * before["height"]


def test_the_panel_does_not_move_when_a_due_date_is_set(panel: Page, company: Company) -> None:
    below = panel.get_by_text("Priority", exact=True).last
    before = below.bounding_box()
    company.api("PATCH", "/tasks/1", {"due_on": "2026-12-01"})
    panel.reload()
    expect(panel.get_by_text("Time", exact=True)).to_be_visible()
    expect(panel.get_by_text("Priority", exact=True).last).to_be_visible()
    after = panel.get_by_text("Priority", exact=True).last.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] == before["y"]


def test_what_the_server_says_is_german_in_the_german_page(visit: Visit, company: Company) -> None:
    company.task("Texte schreiben")
    page = visit(locale="de-DE", allows={422}).sign_in(company.email, "/tasks/1")
    page.get_by_role("button", name=re.compile("Titel.*bearbeiten|bearbeiten.*Titel")).click()
    page.get_by_role("textbox", name="Titel").fill("x" * 501)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Höchstens 500 Zeichen sind erlaubt.")).to_be_visible()
