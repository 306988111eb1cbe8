"""The content of the demo company, made by our own code and the same for the same seed and day.

Pure: nothing is written here. Every item is JSON as a client would send it, with references by key in `refs`;
whoever writes it resolves them, in the order given: what is referred to comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from crmtenant.demo.people import FOUNDER, WRITERS, looks_after, team_of
from crmtenant.demo.places import DEPARTMENTS, JOB_TITLES, NOTES, PLACES, SOURCES, TAGS, Place
from crmtenant.demo.projects import DESCRIPTIONS, LABELS, PERSONAL, WORKS, Work
from crmtenant.text.tokens import fold

_PEOPLE_PER_PLACE = 8
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class DemoItem:
    """One thing to write: its key, its JSON, which of its fields refer to which keys, and by whom it is written."""

    key: str
    data: dict[str, Any]
    refs: dict[str, str | list[str]] = field(default_factory=dict)
    by: str = FOUNDER


@dataclass(frozen=True, slots=True)
class DemoContent:
    """Everything there is in the demo company.

    `columns` name all columns of a board; one that the project already has by that name is not made again.
    """

    contacts: tuple[DemoItem, ...]
    projects: tuple[DemoItem, ...]
    columns: tuple[DemoItem, ...]
    tasks: tuple[DemoItem, ...]


def demo_company(seed: int, today: date) -> DemoContent:
    """About 120 contacts of twelve countries, 6 projects with boards, 90 tasks due around `today`."""
    chance = Random(seed)  # noqa: S311 (content, not secrets)
    organizations = [item for place in PLACES for item in _organizations(chance, place)]
    people = [item for place in PLACES for item in _people(chance, place)]
    columns = [column for work in WORKS for column in _columns(work)]
    tasks = [task for work in WORKS for task in _tasks(chance, work, today)]
    return DemoContent(
        contacts=(*organizations, *people),
        projects=tuple(_project(work, today) for work in WORKS),
        columns=tuple(columns),
        tasks=(*tasks, *_personal_tasks(today)),
    )


def _organizations(chance: Random, place: Place) -> Iterator[DemoItem]:
    for index, named in enumerate(place.organizations):
        domain = _domain(place, index)
        data = {
            "kind": "organization",
            "name": named.split("|")[0],
            **_ways_to_reach(chance, place, "office", f"info@{domain}"),
            "urls": [{"label": "website", "value": f"https://www.{domain}"}],
            "tags": [chance.choice(TAGS)],
            "source": chance.choice(SOURCES),
            "custom": {
                "customer_number": chance.randint(10_000, 99_999),
                "newsletter": chance.random() < 0.5,
            },
        }
        owner = looks_after(place)
        yield DemoItem(_organization_key(place.country, index), data, {"owner_id": owner}, by=owner)


def _people(chance: Random, place: Place) -> Iterator[DemoItem]:
    for index in range(_PEOPLE_PER_PLACE):
        # One in three works for nobody we know.
        employer = index % (len(place.organizations) + 1)
        is_employed = employer < len(place.organizations)
        person = _person(chance, place, index, _domain(place, employer) if is_employed else None)
        refs: dict[str, str | list[str]] = {}
        if is_employed:
            refs["organization_id"] = _organization_key(place.country, employer)
        if index % 4 != 3:
            refs["owner_id"] = looks_after(place)
        yield DemoItem(f"person-{place.country}-{index}", person, refs, by=WRITERS[index % len(WRITERS)])


def _person(chance: Random, place: Place, index: int, domain: str | None) -> dict[str, Any]:
    """Somebody; with a job when there is a domain of an employer."""
    given = place.given_names[index % len(place.given_names)]
    family = chance.choice(place.family_names)
    email = f"{_in_latin(given)}.{_in_latin(family)}@{domain or chance.choice(_DOMAINS)}"
    return {
        "kind": "person",
        "given_name": given.split("|")[0],
        "family_name": family.split("|")[0],
        **_ways_to_reach(chance, place, "work" if domain else "home", email),
        "job_title": chance.choice(JOB_TITLES) if domain else None,
        "department": chance.choice(DEPARTMENTS) if domain else None,
        "birthday": _birthday(chance) if chance.random() < 0.4 else None,
        "note": chance.choice(NOTES) if chance.random() < 0.3 else None,
        "tags": chance.sample(TAGS, chance.randint(0, 3)),
        "source": chance.choice(SOURCES),
    }


def _ways_to_reach(chance: Random, place: Place, label: str, email: str) -> dict[str, Any]:
    city, postal_code, region = chance.choice(place.cities)
    address = {
        "label": label,
        "street": place.street.format(street=chance.choice(place.streets), number=chance.randint(1, 120)),
        "postal_code": postal_code,
        "city": city,
        "region": region,
        "country": place.country,
    }
    return {
        "emails": [{"label": label, "value": email}],
        "phones": [{"label": label, "value": _phone(chance, place)}],
        "addresses": [address],
    }


def _phone(chance: Random, place: Place) -> str:
    return re.sub("#", lambda _: str(chance.randint(0, 9)), place.phone)


def _birthday(chance: Random) -> str:
    return date(chance.randint(1950, 2004), chance.randint(1, 12), chance.randint(1, 28)).isoformat()


def _in_latin(name: str) -> str:
    """The name as an e-mail address can have it."""
    return re.sub("[^a-z]", "", fold(name.split("|")[-1]))


def _domain(place: Place, index: int) -> str:
    """A domain of one's own below those that RFC 2606 reserves."""
    return f"{place.organizations[index].split('|')[1]}.{_DOMAINS[index % len(_DOMAINS)]}"


def _organization_key(country: str, index: int) -> str:
    return f"organization-{country}-{index}"


def _project(work: Work, today: date) -> DemoItem:
    data = {
        "name": work.name,
        "description": work.description,
        "status": work.status,
        "start_on": _day(today, work.starts_in_days),
        "due_on": _day(today, work.due_in_days),
        "budget_minutes": work.budget_minutes,
        "color": work.color,
        "tags": list(work.tags),
    }
    customer = _organization_key(work.customer, 0)
    team = team_of(work)
    refs: dict[str, str | list[str]] = {"contact_id": customer, "owner_id": team[0], "member_ids": team}
    return DemoItem(work.name, data, refs, by=team[0])


def _columns(work: Work) -> Iterator[DemoItem]:
    for place, name in enumerate(work.columns, start=1):
        is_last = place == len(work.columns)
        data = {"name": name, "position": place * 1024.0, "is_done": is_last}
        yield DemoItem(_column_key(work, name), data, {"project_id": work.name})


def _tasks(chance: Random, work: Work, today: date) -> Iterator[DemoItem]:
    done = _how_many_done(work)
    for index, title in enumerate(work.titles):
        task = _task(chance, work, today, index, title, is_done=index < done)
        yield task
        if index == len(work.titles) // 3:
            yield from _subtasks(chance, work, task)


def _how_many_done(work: Work) -> int:
    """So many of the first tasks are done."""
    shares = {"planned": 0, "on_hold": 3, "active": 5}
    return shares.get(work.status, len(work.titles))


def _task(chance: Random, work: Work, today: date, index: int, title: str, *, is_done: bool) -> DemoItem:
    step = (work.due_in_days - work.starts_in_days) / len(work.titles)
    due_in_days = round(work.starts_in_days + step * (index + 1))
    data: dict[str, Any] = {
        "title": title,
        "description": chance.choice(DESCRIPTIONS),
        "status": "done" if is_done else "open",
        "priority": chance.choice((0, 0, 1, 2, 3, 4)),
        "start_on": _day(today, round(due_in_days - step)),
        "due_on": _day(today, due_in_days),
        "estimate_minutes": chance.choice((15, 30, 60, 90, 240, None)),
        "labels": chance.sample(LABELS, chance.randint(0, 2)),
    }
    if index % 4 == 1:
        data["due_at"] = f"{data['due_on']}T{chance.randint(8, 17):02}:30:00Z"
    column = work.columns[-1] if is_done else chance.choice(work.columns[:-1])
    refs: dict[str, str | list[str]] = {"project_id": work.name, "column_id": _column_key(work, column)}
    team = team_of(work)
    if index % 4:
        refs["assignee_ids"] = [team[index % len(team)]]
    if index % 7 == 5:
        refs["assignee_ids"] = team[:2]
    if index % 5 == 0:
        refs["contact_id"] = f"person-{work.customer}-0"
    return DemoItem(f"{work.name}: {title}", data, refs, by=team[0])


def _subtasks(chance: Random, work: Work, parent: DemoItem) -> Iterator[DemoItem]:
    for title in work.subtasks:
        data = {
            "title": title,
            "status": parent.data["status"],
            "due_on": parent.data["due_on"],
            "priority": chance.randint(0, 4),
        }
        refs: dict[str, str | list[str]] = {"project_id": work.name, "parent_id": parent.key}
        yield DemoItem(f"{work.name}: {title}", data, refs, by=parent.by)


def _personal_tasks(today: date) -> Iterator[DemoItem]:
    for title, due_in_days, recurrence in PERSONAL:
        due_on = None if due_in_days is None else _day(today, due_in_days)
        yield DemoItem(
            title, {"title": title, "due_on": due_on, "recurrence": recurrence}, {"assignee_ids": [FOUNDER]}
        )


def _column_key(work: Work, name: str) -> str:
    return f"{work.name} / {name}"


def _day(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
