"""The demo company, as its founder and the page see it."""

from __future__ import annotations

from collections import Counter

import pytest
from webtest import TestApp

from crmtenant.demo.people import COMPANY, EMAIL
from crmtenant.demo.writer import ensure_demo
from crmtenant.platform import Platform
from crmtenant.services.identity import users
from tests.functional.installation import Client


@pytest.fixture(scope="module")
def client(platform: Platform, app: TestApp) -> Client:
    ensure_demo(platform)
    ensure_demo(platform)
    with platform.databases.catalog.reading() as reader:
        founder = users.find(reader, EMAIL)
        assert founder is not None
        (company,) = users.companies_of(reader, founder.id)
    assert company.name == COMPANY
    return Client(app, platform.identity.tokens.issue(founder.id, company.id, founder.token_version))


def test_four_people_work_there(client: Client) -> None:
    members = client.read("/api/members")["items"]
    assert sorted(member["role"] for member in members) == ["admin", "member", "owner", "viewer"]
    ids = {member["id"] for member in members}
    tasks = client.read("/api/tasks", limit=1000)["items"]
    assert {person for task in tasks for person in task["assignee_ids"]} == ids
    projects = client.read("/api/projects", limit=1000)["items"]
    assert {person for project in projects for person in project["member_ids"]} == ids
    writers = Counter(item["created_by"] for item in tasks + projects)
    assert len(writers) == 3


def test_it_is_filled_once(client: Client) -> None:
    assert client.read("/api/tasks", count=True, limit=1)["total"] == 90
    assert client.read("/api/projects", count=True, limit=1)["total"] == 6


def test_its_founder_has_a_lived_in_inbox(client: Client) -> None:
    page = client.read("/api/notifications")
    assert page["unread"] == 5
    assert {item["kind"] for item in page["items"]} >= {"assigned", "watched"}
    assert all(item["title"] for item in page["items"])
    assert client.read("/api/notifications", state="done")["items"]


def test_every_task_of_a_project_stands_in_a_column(client: Client) -> None:
    tasks = client.read("/api/tasks", limit=1000)["items"]
    assert [task["title"] for task in tasks if task["project_id"] and task["column_id"] is None] == []


def test_the_columns_of_a_board_stand_in_their_order(client: Client) -> None:
    (project,) = client.read("/api/projects", q="website relaunch")["items"]
    columns = client.read(f"/api/projects/{project['id']}/columns")["items"]
    assert [column["name"] for column in columns] == ["Ideas", "To do", "In progress", "Review", "Done"]


def test_nobody_signs_in_as_a_colleague(client: Client) -> None:
    for member in client.read("/api/members")["items"]:
        if member["role"] != "owner":
            body = {"email": member["email"], "password": "look around freely"}
            # From an address of its own: others have guessed from the usual one.
            elsewhere = {"REMOTE_ADDR": "203.0.113.61"}
            answer = client.app.post_json(
                "/api/sessions", body, extra_environ=elsewhere, status="*", expect_errors=True
            )
            assert (answer.status_int, answer.json["code"]) == (401, "invalid_credentials")


def test_what_was_said_names_people_and_is_on_timelines(client: Client) -> None:
    entries = client.read("/api/entries", limit=1000)["items"]
    ids = {member["id"] for member in client.read("/api/members")["items"]}
    named = {person for entry in entries for person in entry["mentions"]}
    assert named
    assert named <= ids
    assert not any("@[manager" in entry["body"] or "@[founder" in entry["body"] for entry in entries)
    (organization, *_) = client.read("/api/contacts", kind="organization", sort="-last_touch_at")["items"]
    assert client.read(f"/api/contacts/{organization['id']}/timeline")["items"]
    assert client.read("/api/contacts", untouched_for_days=60, count=True)["total"] > 0
