"""Tells people of what a transaction did, in that transaction (ADR 36).

The statements follow the log's in the same round trip: they run under its lock, so no two transactions of a company tell
at once. Only a session that was given a `Teller` tells; by other roads only what became pointless is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import event
from sqlalchemy.orm import Session

from crmtenant.services.changes.acts import Act, acts_of, gone_with
from crmtenant.services.changes.telling_statements import (
    BY_HAND,
    FORGET,
    FORGET_OTHERS,
    FORGET_PEOPLE,
    FORGET_ROWS,
    tell,
)
from crmtenant.services.entities.entity_type import watched_entities

if TYPE_CHECKING:
    from crmtenant.db.pool.prepared import Step
    from crmtenant.services.changes.written import Written
    from crmtenant.services.entities.entity_type import EntityType

TOGETHER = timedelta(minutes=15)
"""What happens to a record within this time is one notification of its kind, until it is read."""
_TELLER, _TOLD = "teller", "has_told"


@dataclass(frozen=True, slots=True)
class Teller:
    """What telling has to know of the company: who of these people is active in it, and whom to call after the commit."""

    active_among: Callable[[Sequence[str]], set[str]]
    call: Callable[[], None]


def tells_by(session: Session, teller: Teller) -> None:
    """Let the session tell people of what it writes."""
    session.info[_TELLER] = teller


def telling(session: Session, changes: Sequence[Written], cause: str, at: datetime) -> list[Step]:
    """Return the statements, to be executed after the log's, that tell of the changes and forget what is pointless now.

    Only what is done by hand is told: what is imported or taken back is old.
    """
    steps: list[Step] = []
    gone = [asdict(one) for one in gone_with(changes)]
    if gone:
        steps.append((FORGET, {"gone": _json(gone)}))
    session.info[_TOLD] = False
    if _TELLER in session.info and cause == BY_HAND:
        acts = list(acts_of(changes))
        if acts:
            session.info[_TOLD] = True
            rows = [act.as_row(number) for number, act in enumerate(acts)]
            values = {"acts": _json(rows), "told_at": at, "together_since": at - TOGETHER}
            steps.append((tell(_concerned(acts), _entry_nouns(acts)), values))
    return steps


def heed(session: Session, row: tuple[Any, ...] | None) -> None:
    """Take back what was told to people who are not active in the company; `row` is what the last statement returned."""
    if not session.info.get(_TOLD):
        return
    people: list[str] = (row[0] if row else None) or []
    teller: Teller = session.info[_TELLER]
    gone = set(people) - teller.active_among(people) if people else set()
    session.info[_TOLD] = len(gone) < len(people)
    if gone:
        session.execute(FORGET_PEOPLE, {"people": sorted(gone)})


def forget_rows(session: Session, noun: str, row_ids: Iterable[int]) -> None:
    """Delete everything told of these rows of the noun, and who watches them, for rows that are gone for good."""
    ids = list(row_ids)
    for statement in FORGET_ROWS:
        session.execute(statement, {"noun": noun, "row_ids": ids})


@event.listens_for(Session, "after_commit")
def _call(session: Session) -> None:
    if session.info.pop(_TOLD, False):
        session.info[_TELLER].call()


def forget_people(session: Session, members: Iterable[str]) -> None:
    """Delete everything told to, watched and chosen by people who are none of the members."""
    for statement in FORGET_OTHERS:
        session.execute(statement, {"members": list(members)})


def _concerned(acts: Iterable[Act]) -> tuple[EntityType, ...]:
    """Return the nouns of the acts: the statement has a part for each, and is the faster the fewer there are."""
    nouns = {act.noun for act in acts}
    return tuple(entity for entity in watched_entities() if entity.name in nouns)


def _entry_nouns(acts: Iterable[Act]) -> tuple[str, ...]:
    return tuple(sorted({act.entry_noun for act in acts if act.entry_noun is not None}))


def _json(rows: Sequence[Any]) -> str:
    return orjson.dumps(rows).decode()
