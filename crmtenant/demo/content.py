"""The content of the demo company, generated: the same seed and day give the same content.

Nothing is written here. Every item is JSON as a client would send it, with references by key in `refs`. The writer
resolves them in the given order: what is referred to comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from crmtenant.demo.entries import demo_entries
from crmtenant.demo.items import DemoItem
from crmtenant.demo.people import FOUNDER, WRITERS, contact_owner, team_of
from crmtenant.demo.places import COUNTRIES, DEPARTMENTS, JOB_TITLES, NOTES, SOURCES, TAGS, DemoCountry
from crmtenant.demo.projects import DEMO_PROJECTS, DESCRIPTIONS, LABELS, PERSONAL, DemoProject
from crmtenant.text.tokens import fold

_PEOPLE_PER_COUNTRY = 8
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class DemoContent:
    """All content of the demo company.

    `columns` are all columns of the boards; one that a new project already has by that name is not created again.
    """

    contacts: tuple[DemoItem, ...]
    projects: tuple[DemoItem, ...]
    columns: tuple[DemoItem, ...]
    tasks: tuple[DemoItem, ...]
    entries: tuple[DemoItem, ...]


def demo_company(seed: int, today: date) -> DemoContent:
    """Return about 120 contacts in twelve countries, 6 projects with boards, 90 tasks due around `today`, and
    what people wrote in the 90 days before."""
    rng = Random(seed)  # noqa: S311 (content, not secrets)
    organizations = [item for country in COUNTRIES for item in _organizations(rng, country)]
    people = [item for country in COUNTRIES for item in _people(rng, country)]
    columns = [column for project in DEMO_PROJECTS for column in _columns(project)]
    tasks = [task for project in DEMO_PROJECTS for task in _tasks(rng, project, today)]
    return DemoContent(
        contacts=(*organizations, *people),
        projects=tuple(_project(project, today) for project in DEMO_PROJECTS),
        columns=tuple(columns),
        tasks=(*tasks, *_personal_tasks(today)),
        entries=tuple(demo_entries(seed, today)),
    )


def _organizations(rng: Random, country: DemoCountry) -> Iterator[DemoItem]:
    for index, named in enumerate(country.organizations):
        domain = _domain(country, index)
        data = {
            "kind": "organization",
            "name": named.split("|")[0],
            **_contact_points(rng, country, "office", f"info@{domain}"),
            "urls": [{"label": "website", "value": f"https://www.{domain}"}],
            "tags": [rng.choice(TAGS)],
            "source": rng.choice(SOURCES),
            "custom": {
                "customer_number": rng.randint(10_000, 99_999),
                "newsletter": rng.random() < 0.5,
            },
        }
        owner = contact_owner(country)
        yield DemoItem(_organization_key(country.code, index), data, {"owner_id": owner}, by=owner)


def _people(rng: Random, country: DemoCountry) -> Iterator[DemoItem]:
    for index in range(_PEOPLE_PER_COUNTRY):
        # One in three has no employer among the contacts.
        employer = index % (len(country.organizations) + 1)
        is_employed = employer < len(country.organizations)
        person = _person(rng, country, index, _domain(country, employer) if is_employed else None)
        refs: dict[str, str | list[str]] = {}
        if is_employed:
            refs["organization_id"] = _organization_key(country.code, employer)
        if index % 4 != 3:
            refs["owner_id"] = contact_owner(country)
        yield DemoItem(f"person-{country.code}-{index}", person, refs, by=WRITERS[index % len(WRITERS)])


def _person(rng: Random, country: DemoCountry, index: int, domain: str | None) -> dict[str, Any]:
    """Return a person, with a job if there is an employer's domain."""
    given = country.given_names[index % len(country.given_names)]
    family = rng.choice(country.family_names)
    email = f"{_in_latin(given)}.{_in_latin(family)}@{domain or rng.choice(_DOMAINS)}"
    return {
        "kind": "person",
        "given_name": given.split("|")[0],
        "family_name": family.split("|")[0],
        **_contact_points(rng, country, "work" if domain else "home", email),
        "job_title": rng.choice(JOB_TITLES) if domain else None,
        "department": rng.choice(DEPARTMENTS) if domain else None,
        "birthday": _birthday(rng) if rng.random() < 0.4 else None,
        "note": rng.choice(NOTES) if rng.random() < 0.3 else None,
        "tags": rng.sample(TAGS, rng.randint(0, 3)),
        "source": rng.choice(SOURCES),
    }


def _contact_points(rng: Random, country: DemoCountry, label: str, email: str) -> dict[str, Any]:
    city, postal_code, region = rng.choice(country.cities)
    address = {
        "label": label,
        "street": country.street.format(street=rng.choice(country.streets), number=rng.randint(1, 120)),
        "postal_code": postal_code,
        "city": city,
        "region": region,
        "country": country.code,
    }
    return {
        "emails": [{"label": label, "value": email}],
        "phones": [{"label": label, "value": _phone(rng, country)}],
        "addresses": [address],
    }


def _phone(rng: Random, country: DemoCountry) -> str:
    return re.sub("#", lambda _: str(rng.randint(0, 9)), country.phone)


def _birthday(rng: Random) -> str:
    return date(rng.randint(1950, 2004), rng.randint(1, 12), rng.randint(1, 28)).isoformat()


def _in_latin(name: str) -> str:
    """Return the name as the local part of an e-mail address can contain it."""
    return re.sub("[^a-z]", "", fold(name.split("|")[-1]))


def _domain(country: DemoCountry, index: int) -> str:
    """Return the organization's domain, below one that RFC 2606 reserves."""
    return f"{country.organizations[index].split('|')[1]}.{_DOMAINS[index % len(_DOMAINS)]}"


def _organization_key(country_code: str, index: int) -> str:
    return f"organization-{country_code}-{index}"


def _project(project: DemoProject, today: date) -> DemoItem:
    data = {
        "name": project.name,
        "description": project.description,
        "status": project.status,
        "start_on": _date(today, project.starts_in_days),
        "due_on": _date(today, project.due_in_days),
        "budget_minutes": project.budget_minutes,
        "color": project.color,
        "tags": list(project.tags),
    }
    customer = _organization_key(project.customer, 0)
    team = team_of(project)
    refs: dict[str, str | list[str]] = {"contact_id": customer, "owner_id": team[0], "member_ids": team}
    return DemoItem(project.name, data, refs, by=team[0])


def _columns(project: DemoProject) -> Iterator[DemoItem]:
    for number, name in enumerate(project.columns, start=1):
        is_last = number == len(project.columns)
        data = {"name": name, "position": number * 1024.0, "is_done": is_last}
        yield DemoItem(_column_key(project, name), data, {"project_id": project.name})


def _tasks(rng: Random, project: DemoProject, today: date) -> Iterator[DemoItem]:
    done = _done_count(project)
    for index, title in enumerate(project.titles):
        task = _task(rng, project, today, index, title, is_done=index < done)
        yield task
        if index == len(project.titles) // 3:
            yield from _subtasks(rng, project, task)


def _done_count(project: DemoProject) -> int:
    """Return how many of the first tasks are done."""
    shares = {"planned": 0, "on_hold": 3, "active": 5}
    return shares.get(project.status, len(project.titles))


def _task(
    rng: Random, project: DemoProject, today: date, index: int, title: str, *, is_done: bool
) -> DemoItem:
    step = (project.due_in_days - project.starts_in_days) / len(project.titles)
    due_in_days = round(project.starts_in_days + step * (index + 1))
    data: dict[str, Any] = {
        "title": title,
        "description": rng.choice(DESCRIPTIONS),
        "status": "done" if is_done else "open",
        "priority": rng.choice((0, 0, 1, 2, 3, 4)),
        "start_on": _date(today, round(due_in_days - step)),
        "due_on": _date(today, due_in_days),
        "estimate_minutes": rng.choice((15, 30, 60, 90, 240, None)),
        "labels": rng.sample(LABELS, rng.randint(0, 2)),
    }
    if index % 4 == 1:
        data["due_at"] = f"{data['due_on']}T{rng.randint(8, 17):02}:30:00Z"
    column = project.columns[-1] if is_done else rng.choice(project.columns[:-1])
    refs: dict[str, str | list[str]] = {"project_id": project.name, "column_id": _column_key(project, column)}
    team = team_of(project)
    if index % 4:
        refs["assignee_ids"] = [team[index % len(team)]]
    if index % 7 == 5:
        refs["assignee_ids"] = team[:2]
    if index % 5 == 0:
        refs["contact_id"] = f"person-{project.customer}-0"
    return DemoItem(f"{project.name}: {title}", data, refs, by=team[0])


def _subtasks(rng: Random, project: DemoProject, parent: DemoItem) -> Iterator[DemoItem]:
    for title in project.subtasks:
        data = {
            "title": title,
            "status": parent.data["status"],
            "due_on": parent.data["due_on"],
            "priority": rng.randint(0, 4),
        }
        refs: dict[str, str | list[str]] = {"project_id": project.name, "parent_id": parent.key}
        yield DemoItem(f"{project.name}: {title}", data, refs, by=parent.by)


def _personal_tasks(today: date) -> Iterator[DemoItem]:
    for title, due_in_days, recurrence in PERSONAL:
        due_on = None if due_in_days is None else _date(today, due_in_days)
        kind = "call" if title.startswith("Call ") else "todo"
        yield DemoItem(
            title,
            {"title": title, "kind": kind, "due_on": due_on, "recurrence": recurrence},
            {"assignee_ids": [FOUNDER]},
        )


def _column_key(project: DemoProject, name: str) -> str:
    return f"{project.name} / {name}"


def _date(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
