"""The demo company: all of it can be written, and it is the same every time."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from crmtenant.demo.content import demo_company
from crmtenant.demo.people import PEOPLE, VIEWER
from crmtenant.ids import new_id
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.board_column import ColumnDraft
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.crm.entry import EntryDraft
from crmtenant.schemas.crm.project import ProjectDraft
from crmtenant.schemas.crm.task import TaskDraft

TODAY = date(2026, 11, 23)
DEMO = demo_company(7, TODAY)
DRAFTS = {
    "contacts": ContactDraft,
    "projects": ProjectDraft,
    "columns": ColumnDraft,
    "tasks": TaskDraft,
    "entries": EntryDraft,
}


def written():
    """The drafts of everything, references resolved in the order given."""
    ids = {key: new_id("u") for key in PEOPLE}
    drafts = {}
    for kind, model in DRAFTS.items():
        for item in getattr(DEMO, kind):
            assert item.key not in ids
            refs = {
                name: [ids[key] for key in keys] if isinstance(keys, list) else ids[keys]
                for name, keys in item.refs.items()
            }
            drafts[item.key] = load(model, {**item.data, **refs})
            ids[item.key] = len(ids)
    return drafts


@pytest.fixture(scope="module")
def drafts():
    return written()


def test_everything_loads_and_refers_to_what_was_written_before(drafts):
    counts = Counter(type(draft) for draft in drafts.values())
    assert counts[ContactDraft] in range(110, 131)
    assert counts[ProjectDraft] == 6
    assert counts[TaskDraft] == 90
    assert counts[ColumnDraft] >= 18
    assert counts[EntryDraft] in range(130, 200)


def test_it_is_the_same_for_the_same_seed_and_day_and_moves_with_the_day():
    assert demo_company(7, TODAY) == DEMO
    assert demo_company(8, TODAY) != DEMO
    assert demo_company(7, date(2027, 2, 28)).tasks[0].data["due_on"] > DEMO.tasks[0].data["due_on"]


def contacts(drafts, kind):
    return [d for d in drafts.values() if isinstance(d, ContactDraft) and d.kind == kind]


def test_every_phone_is_valid_in_its_country(drafts):
    people = contacts(drafts, "person") + contacts(drafts, "organization")
    assert [phone.value for person in people for phone in person.phones if phone.e164 is None] == []


def test_every_address_on_the_net_is_reserved_for_examples(drafts):
    people = contacts(drafts, "person") + contacts(drafts, "organization")
    hosts = [email.value.split("@")[1] for person in people for email in person.emails]
    hosts += [url.value for person in people for url in person.urls]
    assert hosts
    assert all(re.search(r"(^|\.)example\.(com|org|net)$", host) for host in hosts)


def test_people_and_organisations_of_many_countries_and_scripts_are_linked(drafts):
    people = contacts(drafts, "person")
    assert len({address.country for person in people for address in person.addresses}) == 12
    assert sum(person.organization_id is not None for person in people) > len(people) / 2
    names = " ".join(person.name for person in people)
    for script in ("[à-ÿ]", "[ąęłńśźż]", "[α-ω]", "[一-龯]", "[\u0620-\u064a]", "[א-ת]", "[\u0904-\u0939]"):
        assert re.search(script, names), script
    assert all(" " not in person.name for person in people if person.addresses[0].country == "JP")


def test_the_work_is_in_every_state(drafts):
    projects = [d for d in drafts.values() if isinstance(d, ProjectDraft)]
    tasks = [d for d in drafts.values() if isinstance(d, TaskDraft)]
    assert {project.status for project in projects} == {"planned", "active", "on_hold", "done", "archived"}
    assert any(project.status == "active" and project.due_on < TODAY for project in projects)
    assert all(project.contact_id for project in projects)
    assert {task.status for task in tasks} == {"open", "done"}
    assert {task.priority for task in tasks} == {0, 1, 2, 3, 4}
    assert any(task.status == "open" and task.due_on and task.due_on < TODAY for task in tasks)
    assert any(task.status == "open" and task.due_on and task.due_on > TODAY for task in tasks)
    assert any(
        task.due_at and task.due_at.tzinfo is UTC and isinstance(task.due_at, datetime) for task in tasks
    )
    for has in (
        "description",
        "labels",
        "parent_id",
        "recurrence",
        "column_id",
        "contact_id",
        "assignee_ids",
    ):
        assert sum(bool(getattr(task, has)) for task in tasks) >= 3, has
    assert any(task.project_id is None for task in tasks)


def test_subtasks_are_in_the_project_of_their_parent():
    by_key = {task.key: task for task in DEMO.tasks}
    below = [task for task in DEMO.tasks if "parent_id" in task.refs]
    assert len(below) == 18
    for task in below:
        assert by_key[task.refs["parent_id"]].refs["project_id"] == task.refs["project_id"]


def test_everybody_has_their_share():
    for kind, name, people in (
        ("contacts", "owner_id", set(PEOPLE) - {VIEWER}),
        ("projects", "owner_id", set(PEOPLE) - {VIEWER}),
        ("projects", "member_ids", set(PEOPLE)),
        ("tasks", "assignee_ids", set(PEOPLE)),
    ):
        shares = Counter()
        for item in getattr(DEMO, kind):
            found = item.refs.get(name, [])
            shares.update([found] if isinstance(found, str) else found)
        assert set(shares) == people, (kind, name)
        assert min(shares.values()) >= 2, (kind, name)
    for kind in DRAFTS:
        assert VIEWER not in {item.by for item in getattr(DEMO, kind)}
    teams = {project.key: set(project.refs["member_ids"]) for project in DEMO.projects}
    assert len({frozenset(team) for team in teams.values()}) > 2
    for task in DEMO.tasks:
        if "project_id" in task.refs:
            assert set(task.refs.get("assignee_ids", [])) <= teams[task.refs["project_id"]]


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 3, 1)])
def test_it_loads_on_any_day(today):
    for item in demo_company(1, today).tasks:
        load(TaskDraft, {**item.data, "project_id": 1})


def test_people_wrote_in_each_of_the_last_three_months(drafts):
    entries = [d for d in drafts.values() if isinstance(d, EntryDraft)]
    assert {entry.kind for entry in entries} == {"note", "call", "meeting", "comment"}
    assert {entry.subject_type for entry in entries if entry.parent_id is None} == {
        "contact",
        "project",
        "task",
    }
    ages = {(TODAY - entry.happened_at.date()).days // 30 for entry in entries}
    assert ages == {0, 1, 2, 3}
    assert min((TODAY - entry.happened_at.date()).days for entry in entries) >= 1
    assert sum(entry.parent_id is not None for entry in entries) >= 20
    assert any(entry.is_pinned for entry in entries)
