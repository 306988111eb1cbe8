"""What the people of the demo company wrote in the last 90 days: calls, meetings, notes, comments and replies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from crmtenant.demo.items import DemoItem
from crmtenant.demo.people import FOUNDER, MANAGER, WORKER, WRITERS, contact_owner, team_of
from crmtenant.demo.places import COUNTRIES, DemoCountry
from crmtenant.demo.projects import DEMO_PROJECTS, DemoProject

DAYS = 90
_PEOPLE_WRITTEN_ABOUT = 4
"""Of each country; with the others nobody was in touch yet."""


@dataclass(frozen=True, slots=True)
class _Said:
    """One thing that was said: its words, what kind of entry it is, and an answer by a colleague."""

    kind: str
    body: str
    outcome: str | None = None
    minutes: int | None = None
    reply: str | None = None


_WITH_PEOPLE = (
    _Said("call", "Wants a quote by Friday: 40 pieces, delivered in two lots.", "reached", 12),
    _Said("call", "", "no_answer"),
    _Said("call", "Left a message about the delivery date.", "voicemail", 1),
    _Said("call", "Happy with the samples. Asked whether we can **hold the price** until spring.", "reached", 18,
          f"We can, until the end of March. @[{FOUNDER}] agreed."),
    _Said("call", "The invoice of last month is missing on their side; sent it again while we spoke.", "reached", 6),
    _Said("call", "Line busy twice, try again in the afternoon.", "busy"),
    _Said("meeting", "Showed the new range. They liked:\n\n- the oak\n- the shorter delivery time\n- that somebody answers the phone",
          None, 60, f"Great! @[{MANAGER}] can you send them the price list?"),
    _Said("meeting", "Walked through the plan for next year. Budget is decided in January.", None, 45),
    _Said("note", "Moved to another office; the new address is in the signature of the last mail."),
    _Said("note", "Decides together with a colleague from purchasing. Both should get the quote."),
    _Said("note", f"Compares us with two others. @[{WORKER}] please find out what they offer.", None, None,
          "One of them is cheaper, but delivers in eight weeks."),
    _Said("note", "Away until the beginning of next month."),
)  # fmt: skip
_ON_PROJECTS = (
    _Said("meeting", "Weekly meeting. We are **three days behind**, and know why.", None, 30),
    _Said("note", "The customer agreed to the new dates in writing."),
    _Said("call", "Short call about the open questions; two are settled, one stays.", "reached", 9),
)
_ON_TASKS = (
    _Said("comment", f"@[{MANAGER}] is this still needed?", None, None, "Yes, but it may wait for a week."),
    _Said("comment", "Started. The first half was easier than I thought."),
    _Said(
        "comment",
        "Blocked until the supplier answers.",
        None,
        None,
        "I called them, the answer comes tomorrow.",
    ),
    _Said("comment", "See [their drawing](https://example.com/drawing), page 3."),
)


def demo_entries(seed: int, today: date) -> Iterator[DemoItem]:
    """Yield about 150 entries of the last 90 days, replies after what they reply to."""
    rng = Random(seed)  # noqa: S311 (content, not secrets)
    for country in COUNTRIES:
        yield from _with_people(rng, country, today)
    for project in DEMO_PROJECTS:
        yield from _on_project(rng, project, today)


def _with_people(rng: Random, country: DemoCountry, today: date) -> Iterator[DemoItem]:
    place = COUNTRIES.index(country)
    for index in range(_PEOPLE_WRITTEN_ABOUT):
        person = f"person-{country.code}-{index}"
        for number in range(1 + (place + index) % 3):
            said = _WITH_PEOPLE[(3 * place + 5 * index + 7 * number) % len(_WITH_PEOPLE)]
            writer = contact_owner(country) if number % 2 else WRITERS[index % len(WRITERS)]
            refs: dict[str, str | list[str]] = {"subject_id": person}
            if said.kind == "meeting":
                refs["contact_ids"] = [f"person-{country.code}-{(index + 2) % _PEOPLE_WRITTEN_ABOUT}"]
            extra = {"subject_type": "contact", "is_pinned": index == 0 and said.kind == "note"}
            if said.kind == "call":
                extra["direction"] = rng.choice(("in", "out", "out"))
            yield from _said(rng, f"{person} {number}", said, extra, refs, writer, today)


def _on_project(rng: Random, project: DemoProject, today: date) -> Iterator[DemoItem]:
    team = [person for person in team_of(project) if person in WRITERS]
    for number, said in enumerate(_ON_PROJECTS):
        writer = team[number % len(team)]
        refs: dict[str, str | list[str]] = {"subject_id": project.name}
        if said.kind == "call":
            refs["contact_ids"] = [f"person-{project.customer}-0"]
        yield from _said(
            rng, f"{project.name} {number}", said, {"subject_type": "project"}, refs, writer, today
        )
    for number, title in enumerate(project.titles[::3]):
        said, writer = _ON_TASKS[number % len(_ON_TASKS)], team[number % len(team)]
        key = f"{project.name}: {title}"
        yield from _said(
            rng, f"{key} {number}", said, {"subject_type": "task"}, {"subject_id": key}, writer, today
        )


def _said(
    rng: Random,
    key: str,
    said: _Said,
    extra: dict[str, Any],
    refs: dict[str, str | list[str]],
    by: str,
    today: date,
) -> Iterator[DemoItem]:
    days = rng.randint(2, DAYS)
    data = {
        "kind": said.kind,
        "body": said.body,
        "outcome": said.outcome,
        "minutes": said.minutes,
        "happened_at": _moment(rng, today, days),
        **extra,
    }
    yield DemoItem(f"said: {key}", data, refs, by=by)
    if said.reply is not None:
        colleague = WRITERS[(WRITERS.index(by) + 1) % len(WRITERS)]
        reply = {"body": said.reply, "happened_at": _moment(rng, today, days - 1)}
        yield DemoItem(f"answered: {key}", reply, {"parent_id": f"said: {key}"}, by=colleague)


def _moment(rng: Random, today: date, days: int) -> str:
    day = today - timedelta(days=days)
    return f"{day.isoformat()}T{rng.randint(7, 16):02}:{rng.randint(0, 59):02}:00Z"
