"""What one person is told: their inbox, one statement a page, and what they have read and done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    String,
    Text,
    any_,
    bindparam,
    case,
    cast,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)

from crmtenant.clock import now
from crmtenant.errors import NotFound
from crmtenant.models.tenant.notification import Notification

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.registry import EntityRegistry

OPEN, DONE = "open", "done"
EXCERPT = 280
"""Characters of what was written that are shown."""

FIELDS = (
    "id", "kind", "at", "by", "noun", "row_id", "title", "entry_id", "excerpt", "count", "is_batch", "read_at", "done_at",
)  # fmt: skip

_NOT_TOLD = ("person_id", "since", "mailed_at")

_PERSON = bindparam("person_id", type_=Text)
_mine = Notification.person_id == _PERSON
_is_unread = (Notification.read_at.is_(None), Notification.done_at.is_(None))
_COUNT = select(func.count()).select_from(Notification).where(_mine, *_is_unread)

Position = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox, where the next one begins (None on the last), and how many are unread in all."""

    items: list[dict[str, Any]]
    after: tuple[str, int] | None
    unread: int


@dataclass(frozen=True, slots=True)
class Asked:
    """Which part of the inbox: `state` is open or done, `kind` None for every kind."""

    person_id: str
    state: str
    kind: str | None
    limit: int
    after: tuple[str, int] | None = None


def page(reader: Reader, entities: EntityRegistry, asked: Asked) -> InboxPage:
    """Return the page, what was added to last first."""
    statement = _page(
        entities, asked.state, is_of_kind=asked.kind is not None, is_continued=asked.after is not None
    )
    values: dict[str, Any] = {"person_id": asked.person_id, "most": asked.limit + 1}
    if asked.kind is not None:
        values["kind"] = asked.kind
    if asked.after is not None:
        values["after_at"], values["after_id"] = asked.after
    rows = reader.rows(statement, values)
    items = [dict(zip(FIELDS, row[2:], strict=True)) for row in rows if row[2] is not None]
    following = None
    if len(items) > asked.limit:
        following = (rows[asked.limit - 1][1], items[asked.limit - 1]["id"])
    return InboxPage(items[: asked.limit], following, rows[0][0])


def unread(reader: Reader, person_id: str) -> int:
    """Return how many of the person's notifications are unread."""
    row = reader.row(_COUNT, {"person_id": person_id}, is_prepared=True)
    assert row is not None
    return int(row[0])


def mark(
    session: Session,
    entities: EntityRegistry,
    person_id: str,
    notification_id: int,
    marks: Mapping[str, bool],
) -> dict[str, Any]:
    """Set whether the notification is read and done (`is_read`, `is_done`) and return it. Raises: `NotFound`."""
    moment = now()
    values = {f"{name.removeprefix('is_')}_at": moment if is_set else None for name, is_set in marks.items()}
    own = (Notification.id == notification_id, Notification.person_id == person_id)
    if values:
        # What was read before stays read since then.
        kept = {
            name: func.coalesce(getattr(Notification, name), value) if value is not None else value
            for name, value in values.items()
        }
        session.execute(update(Notification).where(*own).values(kept))
    told = shown(entities)
    own_row = select(*(told.c[name] for name in FIELDS)).where(
        told.c.id == notification_id, told.c.person_id == person_id
    )
    row = session.execute(own_row).first()
    if row is None:
        raise NotFound
    return dict(zip(FIELDS, row, strict=True))


def read_all(session: Session, person_id: str) -> int:
    """Mark everything unread as read and return how many that were."""
    return _marked(session, person_id, {"read_at": now()}, *_is_unread)


def do(session: Session, person_id: str, ids: Sequence[int] | None) -> int:
    """Mark those with these ids, or all, as done and return how many that were."""
    of_ids = (
        true() if ids is None else Notification.id == any_(bindparam("ids", list(ids), ARRAY(BigInteger)))
    )
    return _marked(session, person_id, {"done_at": now()}, Notification.done_at.is_(None), of_ids)


def _marked(
    session: Session, person_id: str, values: Mapping[str, Any], *conditions: ColumnElement[bool]
) -> int:
    done = session.execute(
        update(Notification).where(Notification.person_id == person_id, *conditions).values(values)
    )
    return int(done.rowcount)  # type: ignore[attr-defined]


@lru_cache(maxsize=64)
def _page(entities: EntityRegistry, state: str, *, is_of_kind: bool, is_continued: bool) -> Select[Any]:
    """Return the statement: the number of the unread in each row, and one of nulls where there are no others."""
    told = shown(entities)
    conditions: list[ColumnElement[bool]] = [told.c.person_id == _PERSON]
    conditions.append(told.c.done_at.is_(None) if state == OPEN else told.c.done_at.is_not(None))
    if is_of_kind:
        conditions.append(told.c.kind == bindparam("kind", type_=String))
    if is_continued:
        after = (
            bindparam("after_at", type_=DateTime(timezone=True)),
            bindparam("after_id", type_=BigInteger),
        )
        conditions.append(tuple_(told.c.at, told.c.id) < tuple_(*after))
    rows = (
        select(*told.c)
        .where(*conditions)
        .order_by(told.c.at.desc(), told.c.id.desc())
        .limit(bindparam("most", type_=Integer))
        .subquery("page")
    )
    counted = _COUNT.subquery("counted")
    return (
        select(*counted.c, cast(rows.c.at, Text), *(rows.c[name] for name in FIELDS))
        .select_from(counted.outerjoin(rows, true()))
        .order_by(rows.c.at.desc(), rows.c.id.desc())
    )


def shown(entities: EntityRegistry) -> Any:
    """Return the notifications whose record, or what was written on it, is still there, with its words."""
    title = case(
        *(
            (Notification.noun == entity.name, _words(entity, entity.title, Notification.row_id))
            for entity in entities
            if entity.is_watched
        ),
        else_=null(),
    )
    excerpt = func.coalesce(
        *(
            _words(
                entity, func.left(getattr(entity.model, entity.mentions[0]), EXCERPT), Notification.entry_id
            )
            for entity in entities
            if entity.mentions is not None
        ),
        null(),
    )
    own = {name: getattr(Notification, name) for name in (*_NOT_TOLD, *FIELDS) if hasattr(Notification, name)}
    found = select(
        *(column.label(name) for name, column in own.items()), title.label("title"), excerpt.label("excerpt")
    ).subquery("shown")
    return select(found).where(or_(found.c.is_batch, found.c.title.is_not(None))).subquery("live")


def _words(entity: EntityType, words: Any, row_id: Any) -> Any:
    model = entity.model
    return select(words).where(model.id == row_id, model.deleted_at.is_(None)).scalar_subquery()
