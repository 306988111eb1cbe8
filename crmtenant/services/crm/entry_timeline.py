"""The entries of a timeline: those on the record, and those that belong there too, with their replies."""

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
    bindparam,
    cast,
    func,
    literal,
    not_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by, array
from sqlalchemy.orm import aliased

from crmtenant.db.schema.table_size import constant
from crmtenant.models.tenant.entry import Entry
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.entries import ENTRY
from crmtenant.services.entities.listing import as_json_value, json_of

SOURCE = "entry"
MOST_PINNED = 10
MOST_REPLIES = 50
"""Of one entry, the newest; `reply_count` tells whether there are more."""

RECORD_ID = bindparam("record_id", type_=BigInteger)
_the_record = cast(array([RECORD_ID]), ARRAY(BigInteger))
_about_it = Entry.contact_ids.contains(_the_record)
_about_its_people = Entry.organization_ids.contains(_the_record)
_projects = select(Project.id).where(Project.contact_id == RECORD_ID, Project.deleted_at.is_(None))
_tasks = select(Task.id).where(Task.project_id == RECORD_ID, Task.deleted_at.is_(None))


def _on(noun: str, ids: Any) -> ColumnElement[bool]:
    return and_(Entry.subject_type == noun, Entry.subject_id.in_(ids))


def _on_it(noun: str) -> ColumnElement[bool]:
    return and_(Entry.subject_type == noun, Entry.subject_id == RECORD_ID)


_BELONGS: Mapping[str, tuple[ColumnElement[bool], ...]] = {
    "contact": (
        _about_it,
        and_(_about_its_people, not_(_about_it)),
        and_(_on("project", _projects), not_(_about_it), not_(_about_its_people)),
    ),
    "project": (_on_it("project"), _on("task", _tasks)),
    "task": (_on_it("task"),),
}
"""By the noun of the record, which entries are on its timeline. No entry is there by two of the conditions: each is
asked by a select of its own, which reads the end of an index that fits it."""


def entries(noun: str, limit: int, *, is_continued: bool, is_of_kinds: bool) -> Iterator[Select[Any]]:
    """Yield selects of the newest entries on the timeline of a record of the noun, at most `limit` each."""
    own: list[ColumnElement[bool]] = [*_LIVE]
    if is_of_kinds:
        own.append(Entry.kind == any_(bindparam("kinds", type_=ARRAY(Text))))
    if is_continued:
        own += beyond(Entry.happened_at, SOURCE, Entry.id)
    for belongs in _BELONGS[noun]:
        yield _newest(limit, belongs, *own)


def pinned(noun: str) -> Iterator[Select[Any]]:
    """Yield selects of the newest pinned entries on the timeline of a record of the noun."""
    for belongs in _BELONGS[noun]:
        yield _newest(MOST_PINNED, belongs, Entry.is_pinned.is_(True), *_LIVE)


_LIVE = (Entry.deleted_at.is_(None), Entry.parent_id.is_(None))


def beyond(at: Any, source: str, row_id: Any) -> list[ColumnElement[bool]]:
    """Return the conditions that rows of the source, with these columns, come after the position of a page."""
    after = bindparam("after_at", type_=Entry.happened_at.type)
    position = tuple_(after, bindparam("after_source", type_=Text), bindparam("after_id", type_=BigInteger))
    # The first is for the index, which knows nothing of sources.
    return [at <= after, tuple_(at, literal(source), row_id) < position]


def _newest(limit: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    read = (
        select(*ENTRY.labelled())
        .where(*conditions)
        .order_by(Entry.happened_at.desc(), Entry.id.desc())
        .limit(constant(limit))
        .subquery()
    )
    return select(
        read.c.happened_at.label("at"),
        literal(SOURCE, Text).label("source"),
        read.c.id.label("id"),
        _item(read).label("item"),
    )


def _item(read: Subquery) -> ColumnElement[str]:
    reply = aliased(Entry)
    of_it = (reply.parent_id == read.c.id, reply.deleted_at.is_(None))
    newest = (
        select(*(getattr(reply, name).label(name) for name in ENTRY.fields))
        .where(*of_it)
        .order_by(reply.happened_at.desc(), reply.id.desc())
        .limit(constant(MOST_REPLIES))
        .correlate(read)
        .subquery()
    )
    in_order = func.json_agg(
        aggregate_order_by(cast(json_of(newest, ENTRY.fields), JSON), newest.c.happened_at, newest.c.id)
    )
    replies = select(func.coalesce(in_order, cast(literal("[]"), JSON))).select_from(newest)
    count = select(func.count()).select_from(reply).where(*of_it).correlate(read)
    return cast(
        func.json_build_object(
            *("source", literal(SOURCE)),
            *("at", as_json_value(read.c.happened_at)),
            *("entry", cast(json_of(read, ENTRY.fields), JSON)),
            *("replies", replies.scalar_subquery()),
            *("reply_count", count.scalar_subquery()),
        ),
        Text,
    )
