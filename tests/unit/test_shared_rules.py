"""Rules that stand in the page too: both sides are tested against the same examples in tests/fixtures.

The page's half: frontend/src/tasks/recurrence.test.ts and frontend/src/projects/board/moves.test.ts. The server's
rules about boards are statements; here they run on SQLite, which needs no server.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, insert, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from crmtenant.models.tenant.project import BoardColumn
from crmtenant.services.crm.boards import agree
from crmtenant.services.writing import ordering as positions
from crmtenant.text.occurrences import following, next_day
from crmtenant.text.recurrence import LARGEST_COUNT, LARGEST_INTERVAL, normal_form

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECURRENCE = json.loads((FIXTURES / "recurrence.json").read_text(encoding="utf-8"))
MOVES = json.loads((FIXTURES / "board_moves.json").read_text(encoding="utf-8"))
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
PROJECT = 1


class Base(DeclarativeBase):
    """Tables of this test alone."""


class Card(Base):
    """What the rules about positions need to know of a task."""

    __tablename__ = "card"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int]
    position: Mapped[float]
    deleted_at: Mapped[str | None]


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """A database in memory with cards and board columns, the latter as our own model names them."""
    engine = create_engine("sqlite://")
    names = ", ".join(column.name for column in BoardColumn.__table__.columns)
    Base.metadata.create_all(engine)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE board_column ({names})"))
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose changes are rolled back."""
    with Session(engine) as session:
        yield session


def by_text(example: dict[str, Any]) -> str:
    return str(example["text"])


def by_name(example: dict[str, Any]) -> str:
    return str(example["name"])


@pytest.mark.parametrize("example", RECURRENCE["rules"], ids=by_text)
def test_a_rule_is_kept_in_the_form_the_page_writes(example):
    assert normal_form(example["text"]) == example["normal"]
    assert normal_form(example["normal"]) == example["normal"]


@pytest.mark.parametrize("example", RECURRENCE["rules"], ids=by_text)
def test_a_rule_has_this_next_day(example):
    found = next_day(example["normal"], date.fromisoformat(example["from"]))
    assert (found and found.isoformat()) == example["next"]


@pytest.mark.parametrize("example", [one for one in RECURRENCE["rules"] if "then" in one], ids=by_text)
def test_a_rule_goes_on_as_this_one(example):
    day = date.fromisoformat(example["from"])
    assert following(example["normal"], day, day).rule == example["then"]


@pytest.mark.parametrize("rule", RECURRENCE["refused"])
def test_what_the_page_cannot_read_either_is_refused(rule):
    with pytest.raises(ValueError, match=r"\.$"):
        normal_form(rule)


def test_the_largest_numbers_are_those_the_page_offers():
    assert RECURRENCE["limits"] == {"interval": LARGEST_INTERVAL, "count": LARGEST_COUNT}
    for rule in (f"INTERVAL={LARGEST_INTERVAL + 1}", f"COUNT={LARGEST_COUNT + 1}"):
        with pytest.raises(ValueError, match="at most"):
            normal_form(f"FREQ=DAILY;{rule}")


@pytest.mark.parametrize("example", RECURRENCE["monthdays"], ids=lambda example: example["day"])
def test_a_day_as_a_weekday_of_its_month(example):
    day = date.fromisoformat(example["day"])
    assert WEEKDAYS[day.weekday()] == example["weekday"]
    rule = normal_form(f"FREQ=MONTHLY;BYDAY={example['nth']}{example['weekday']}")
    # Counted from the day before, its own day is the first on which the rule comes true.
    assert next_day(rule, date.fromordinal(day.toordinal() - 1)) == day
    following = next_day(rule, day)
    assert following is not None
    assert following.isoformat() == example["next"]


@pytest.mark.parametrize("example", MOVES["positions"], ids=by_name)
def test_a_card_beside_another_gets_this_position(session, example):
    cards = [{**card, "project_id": PROJECT} for card in example["all"]]
    # What is not on the board does not count: other projects and, beside a neighbour, the trash.
    elsewhere = [{"id": 101, "project_id": 2, "position": 2100.0, "deleted_at": None}]
    session.execute(insert(Card), [{"deleted_at": None, **card} for card in cards] + elsewhere)
    assert _position(session, example["id"], example["place"]) == example["position"]


def _position(session: Session, card_id: int, place: dict[str, int]) -> float | None:
    for side, neighbour in place.items():
        return positions._between(
            session,
            Card.project_id,
            SimpleNamespace(id=card_id),
            PROJECT,
            neighbour,
            is_before=side == "before",
        )
    return positions.at_end(session, Card.project_id, PROJECT)


@pytest.mark.parametrize("example", MOVES["statuses"], ids=by_name)
def test_a_task_that_comes_into_a_column_is(session, example):
    session.execute(
        insert(BoardColumn), [_column(at, column) for at, column in enumerate(example["columns"])]
    )
    row = SimpleNamespace(project_id=PROJECT, column_id=example["to"], status=example["status"])
    is_moved = example["to"] != example["from"]
    if row.column_id is not None:
        agree(session, row, {"column_id": row.column_id} if is_moved else {})
    assert (row.status, row.column_id) == (example["expected"], example["to"])


def _column(position: int, column: dict[str, Any]) -> dict[str, Any]:
    return {
        **column,
        "project_id": PROJECT,
        "name": "",
        "position": float(position),
        "created_by": "",
        "updated_by": "",
    }
