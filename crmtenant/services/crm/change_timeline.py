"""The changes of a timeline: what the log says that is worth telling beside what people wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    case,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, array

from crmtenant.db.schema.table_size import constant
from crmtenant.models.tenant.change import LoggedChange
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.crm.entry_timeline import RECORD_ID, beyond
from crmtenant.services.crm.projects import PROJECT
from crmtenant.services.crm.tasks import TASK
from crmtenant.services.entities.listing import as_json_value

SOURCE = "change"

_VERBS = ("created", "completed", "reopened")
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "contact": ("owner_id", "organization_id"),
    "project": ("status", "owner_id", "due_on", "contact_id"),
    "task": ("assignee_ids", "due_on"),
}
"""Of each noun, the fields whose changes are told."""
_TITLES = {entity.name: entity for entity in (CONTACT, PROJECT, TASK)}

_log = LoggedChange
_number = (_log.seq * literal_column(str(1 << 20), BigInteger) + _log.number).label("id")
"""One number for each line: a transaction has fewer than a million."""


def _told(*nouns: str) -> ColumnElement[bool]:
    verbs = _log.verb == any_(array(_VERBS, type_=Text))
    return or_(
        *(and_(_log.noun == noun, or_(verbs, _log.changes.has_any(array(_FIELDS[noun])))) for noun in nouns)
    )


def _of_row(noun: str) -> ColumnElement[bool]:
    return and_(_log.noun == noun, _log.row_id == RECORD_ID, _told(noun))


_BELONGS: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "contact": (
        _of_row("contact"),
        and_(
            _log.contact_ids.contains(cast(array([RECORD_ID]), ARRAY(BigInteger))),
            _log.contact_ids != literal_column("'{}'"),  # for the index
            _told("project", "task"),
        ),
    ),
    "project": (and_(_log.project_id == RECORD_ID, _told("project", "task")),),
    "task": (_of_row("task"),),
}
"""By the noun of the record, which lines are on its timeline; no line by two of the conditions."""


def changes(noun: str, limit: int, *, is_continued: bool) -> Iterator[Select[Any]]:
    """Yield selects of the newest changes on the timeline of a record of the noun, at most `limit` each."""
    own = [_log.audience.is_(None), *(beyond(_log.at, SOURCE, _number.element) if is_continued else ())]
    for belongs in _BELONGS[noun]:
        yield _newest(limit, belongs, *own)


def _newest(limit: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    read = (
        select(_log.at, _number, _log.noun, _log.row_id, _log.verb, _log.by, _log.changes, _log.batch_id)
        .where(*conditions)
        .order_by(_log.at.desc(), _number.element.desc())
        .limit(constant(limit))
        .subquery()
    )
    return select(read.c.at, literal(SOURCE, Text).label("source"), read.c.id, _item(read).label("item"))


def _item(read: Subquery) -> ColumnElement[str]:
    each = func.jsonb_each(read.c.changes).table_valued("key", "value").render_derived("each")
    values = (
        select(func.coalesce(func.jsonb_object_agg(each.c.key, each.c.value), cast(literal("{}"), JSONB)))
        .select_from(each)
        .where(
            or_(
                *(
                    and_(read.c.noun == noun, each.c.key == any_(array(names, type_=Text)))
                    for noun, names in _FIELDS.items()
                )
            )
        )
        .correlate(read)
        .scalar_subquery()
    )
    title = case(
        *(
            (
                read.c.noun == name,
                select(entity.title).where(entity.model.id == read.c.row_id).scalar_subquery(),
            )
            for name, entity in _TITLES.items()
        )
    )
    change = func.json_build_object(
        *("noun", read.c.noun),
        *("row_id", read.c.row_id),
        *("title", title),
        *("verb", read.c.verb),
        *("by", read.c.by),
        *("changes", values),
        *("batch_id", read.c.batch_id),
    )
    return cast(
        func.json_build_object(
            *("source", literal(SOURCE)), *("at", as_json_value(read.c.at)), *("change", change)
        ),
        Text,
    )
