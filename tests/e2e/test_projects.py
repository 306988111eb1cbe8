"""Boards by mouse and by keyboard, the calendar, the timeline."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Visit
from tests.e2e.people import Company


@pytest.fixture
def project(company: Company) -> int:
    """A project with two tasks in its first column."""
    project_id = company.project()
    for title in ("Write the texts", "Choose typefaces"):
        company.task(title, project_id=project_id, start_on="2026-12-07", due_on="2026-12-09")
    return project_id


@pytest.fixture
def board(visit: Visit, company: Company, project: int) -> Page:
    return visit(allows={503}).sign_in(company.email, f"/projects/{project}/board")


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{name}"))


def drag(page: Page, what: Locator, to: Locator) -> None:
    """Drag one to the middle of the other with the mouse, in steps as a hand does."""
    start, end = what.bounding_box(), to.bounding_box()
    assert start is not None
    assert end is not None
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 12)
    page.mouse.down()
    for step in range(1, 11):
        x = start["x"] + start["width"] / 2 + (end["x"] - start["x"]) * step / 10
        y = start["y"] + 12 + (end["y"] + 60 - start["y"] - 12) * step / 10
        page.mouse.move(x, y)
        page.wait_for_timeout(20)
    page.mouse.up()


def columns_of(company: Company, project: int) -> dict[str, str]:
    """The name of the column each task is in, by title."""
    names = {
        column["id"]: column["name"] for column in company.api("GET", f"/projects/{project}/columns")["items"]
    }
    tasks = company.api("GET", f"/projects/{project}/tasks")["items"]
    return {task["title"]: names[task["column_id"]] for task in tasks}


def test_a_card_is_dragged_to_another_column_and_stays_there(
    board: Page, company: Company, project: int
) -> None:
    names = [column["name"] for column in company.api("GET", f"/projects/{project}/columns")["items"]]
    card = board.get_by_role("article").filter(has_text="Write the texts")
    expect(card).to_be_visible()
    with board.expect_response(re.compile("/move$")):
        drag(board, card, lane(board, names[1]))
    assert columns_of(company, project)["Write the texts"] == names[1]
    board.reload()
    expect(lane(board, names[1]).get_by_role("article")).to_contain_text("Write the texts")


def test_a_card_is_moved_by_the_keyboard_alone(board: Page, company: Company, project: int) -> None:
    names = [column["name"] for column in company.api("GET", f"/projects/{project}/columns")["items"]]
    board.get_by_role("link", name="Write the texts").focus()
    board.keyboard.press("m")
    board.get_by_role("menuitem", name=re.compile(f"^(Move to )?{names[1]}")).first.focus()
    with board.expect_response(re.compile("/move$")):
        board.keyboard.press("Enter")
    expect(board.get_by_text(re.compile(f"Write the texts: {names[1]}, number 1 of 1"))).to_be_attached()
    assert columns_of(company, project)["Write the texts"] == names[1]


def test_a_refused_move_puts_the_card_back_and_says_so(board: Page, company: Company, project: int) -> None:
    names = [column["name"] for column in company.api("GET", f"/projects/{project}/columns")["items"]]
    problem = {"title": "Service Unavailable", "status": 503, "detail": "Not now.", "code": "unavailable"}
    board.route(re.compile("/move$"), lambda route: route.fulfill(status=503, json=problem))
    card = board.get_by_role("article").filter(has_text="Write the texts")
    drag(board, card, lane(board, names[1]))
    expect(board.get_by_text("Not now.").first).to_be_visible()
    expect(lane(board, names[0]).get_by_role("article").filter(has_text="Write the texts")).to_be_visible()


def test_a_column_is_added_and_a_card_put_into_it(board: Page, company: Company, project: int) -> None:
    board.get_by_role("button", name="Add column").click()
    board.get_by_role("textbox", name="Name", exact=True).fill("Waiting for others")
    board.keyboard.press("Enter")
    expect(lane(board, "Waiting for others")).to_be_visible()
    add = board.get_by_role("textbox", name="Add task to Waiting for others")
    add.fill("Permission of the museum")
    add.press("Enter")
    expect(lane(board, "Waiting for others").get_by_role("article")).to_contain_text("museum")
    assert columns_of(company, project)["Permission of the museum"] == "Waiting for others"


def test_a_bar_of_the_timeline_is_moved_by_keys(visit: Visit, company: Company, project: int) -> None:
    page = visit().sign_in(company.email, f"/projects/{project}/timeline")
    bar = page.get_by_role("button", name=re.compile("Write the texts.*(Dec|2026)")).first
    bar.focus()
    with page.expect_response(re.compile("/api/tasks/1$")):
        bar.press("ArrowRight")
    task = company.api("GET", "/tasks/1")
    assert (task["start_on"], task["due_on"]) == ("2026-12-08", "2026-12-10")


def test_a_task_is_added_on_a_day_of_the_calendar(visit: Visit, company: Company, project: int) -> None:
    page = visit().sign_in(company.email, f"/projects/{project}/calendar?date=2026-12-01")
    expect(page.get_by_text("December 2026").first).to_be_visible()
    expect(page.get_by_text("Choose typefaces").first).to_be_visible()
