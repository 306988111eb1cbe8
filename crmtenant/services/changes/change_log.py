"""Every session gathers what it writes into rows of nouns, and writes it to the log right before it commits.

What passes through the unit of work is seen at each flush; whoever writes by a statement hands it in (`note`). What a
savepoint takes back is forgotten. The log's number is drawn by the last statement before COMMIT, under a row lock:
who has read up to a number has read everything that was committed before (shared design, ADR 33).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import DateTime, Text, bindparam, event, inspect, text
from sqlalchemy.dialects.postgresql import BIGINT
from sqlalchemy.orm import Session

from crmtenant.clock import now
from crmtenant.db.pool.prepared import execute_in
from crmtenant.services.changes.batches import Batch
from crmtenant.services.changes.telling import heed, telling
from crmtenant.services.changes.written import (
    CHANGED,
    CREATED,
    MOVED,
    REMOVED,
    RESTORED,
    Written,
    logged_fields,
    written,
)
from crmtenant.services.entities.entity_type import EntityType, entity_of

if TYPE_CHECKING:
    from sqlalchemy.orm import SessionTransaction

    from crmtenant.services.entities.change import Actor

Gathered = dict[tuple[str, int], Written]

_GATHERED, _KEPT, _CAUSE, _BATCH = "changes", "changes_before_savepoints", "cause_of_changes", "batch"
PERSON, IMPORT, UNDO = "person", "import", "undo"

_LOGGED = """
    WITH tick AS (
        INSERT INTO clock (one, seq) VALUES (true, 1) ON CONFLICT (one) DO UPDATE SET seq = clock.seq + 1 RETURNING seq
    ),
    logged AS (
        INSERT INTO change (seq, number, at, by, cause, noun, row_id, version, verb, changes, batch_id, contact_ids,
            project_id, audience)
        SELECT tick.seq, given.number, :at, given.by, :cause, given.noun, given.row_id, given.version, given.verb,
            given.changes, :batch_id, given.contact_ids, given.project_id, given.audience
        FROM tick CROSS JOIN jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (number integer, by text, noun text,
            row_id bigint, version bigint, verb text, changes jsonb, contact_ids bigint[], project_id bigint,
            audience text)
    )
"""
_NEXT_BATCH = text("SELECT nextval(pg_get_serial_sequence('batch', 'id'))")
_PARAMETERS = (
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("cause", type_=Text),
    bindparam("batch_id", type_=BIGINT),
    bindparam("rows", type_=Text),
)
_WRITE = text(_LOGGED + " SELECT seq FROM tick").bindparams(*_PARAMETERS)  # noqa: S608 (words of ours)
_REMEMBERED = """,
    begun AS (
        INSERT INTO batch (id, kind, at, by, noun, summary)
        VALUES (:batch_id, :kind, :at, :by, :noun, CAST(:summary AS jsonb))
    ),
    remembered AS (
        INSERT INTO batch_row (batch_id, noun, row_id, verb, before, after_version)
        SELECT :batch_id, given.noun, given.row_id, given.verb, given.before, given.version
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (noun text, row_id bigint, verb text, before jsonb,
            version bigint)
        WHERE given.verb <> 'moved'
    )
    SELECT seq FROM tick
"""
_WRITE_BATCH = text(_LOGGED + _REMEMBERED).bindparams(
    *_PARAMETERS, *(bindparam(name, type_=Text) for name in ("kind", "by", "noun", "summary"))
)


def note(session: Session, changes: Iterable[Written]) -> None:
    """Remember what a statement wrote, until the transaction commits."""
    gathered = _gathered(session)
    for change in changes:
        key = (change.entity.name, change.row_id)
        earlier = gathered.get(key)
        gathered[key] = earlier.then(change) if earlier else change


def caused_by(session: Session, cause: str) -> None:
    """Say why this transaction changes what it changes; unless somebody does, a person does it by hand."""
    session.info[_CAUSE] = cause


def make_batch(
    session: Session, actor: Actor, kind: str, noun: str, *, title: str | None = None, least: int = 1
) -> int | None:
    """Let what this transaction wrote be a batch, which can be undone, and return its id.

    None: it wrote fewer rows than `least`.
    """
    session.flush()
    if sum(change.is_new_version for change in _gathered(session).values()) < least:
        return None
    batch_id: int = session.execute(_NEXT_BATCH).scalar_one()
    session.info[_BATCH] = Batch(batch_id, kind, actor.id, noun, title)
    return batch_id


def _gathered(session: Session) -> Gathered:
    gathered: Gathered = session.info.setdefault(_GATHERED, {})
    return gathered


@event.listens_for(Session, "after_flush")
def _see_flush(session: Session, _: Any) -> None:
    if changes := [*_new(session), *_dirty(session)]:
        note(session, changes)


def _new(session: Session) -> Iterator[Written]:
    for row in session.new:
        entity = entity_of(type(row))
        if entity is not None:
            yield written(entity, row, CREATED, row.created_by)


def _dirty(session: Session) -> Iterator[Written]:
    for row in session.dirty:
        entity = entity_of(type(row))
        change = _changed(entity, row) if entity is not None else None
        if change is not None:
            yield change


def _changed(entity: EntityType, row: Any) -> Written | None:
    """Return what a flush wrote into the row; None where nobody would see it."""
    attributes = inspect(row).attrs
    histories = {name: attributes[name].history for name in logged_fields(entity)}
    fields = {
        name: (found.deleted[0] if found.deleted else None, found.added[0])
        for name, found in histories.items()
        if found.added
    }
    is_new_version = bool(attributes.version.history.added)
    if not fields and not is_new_version:
        return None
    change = written(entity, row, _verb(row, attributes, fields), row.updated_by, fields)
    return change if is_new_version else _unversioned(change)


def _verb(row: Any, attributes: Any, fields: Any) -> str:
    if attributes.deleted_at.history.added:
        return RESTORED if row.deleted_at is None else REMOVED
    return CHANGED if fields else MOVED


def _unversioned(change: Written) -> Written:
    return replace(change, is_new_version=False)


@event.listens_for(Session, "before_commit")
def _write_log(session: Session) -> None:
    if session.in_nested_transaction():
        return
    if session.new or session.dirty or session.deleted:
        session.flush()
    changes = [change for change in session.info.pop(_GATHERED, {}).values() if change.is_new_version]
    cause, batch = session.info.pop(_CAUSE, PERSON), session.info.pop(_BATCH, None)
    if not changes:
        return
    at = now()
    values = {"at": at, "cause": cause, "batch_id": None}
    following = telling(session, changes, cause, at)
    if batch is None:
        rows = _json(change.as_row(number) for number, change in enumerate(changes))
        found = execute_in(session, _WRITE, {**values, "rows": rows}, *following)
    else:
        rows = _json(
            {**change.as_row(number), "before": change.before} for number, change in enumerate(changes)
        )
        values = {**values, **batch.as_values(changes), "rows": rows}
        found = execute_in(session, _WRITE_BATCH, values, *following)
    heed(session, found)


def _json(rows: Iterable[Any]) -> str:
    return orjson.dumps(list(rows), option=orjson.OPT_UTC_Z).decode()


@event.listens_for(Session, "after_transaction_create")
def _remember(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.setdefault(_KEPT, {})[id(transaction)] = dict(_gathered(session))


@event.listens_for(Session, "after_transaction_end")
def _forget_savepoint(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        session.info.get(_KEPT, {}).pop(id(transaction), None)


@event.listens_for(Session, "after_soft_rollback")
def _take_back(session: Session, transaction: SessionTransaction) -> None:
    """Forget what was written since the savepoint, or since the transaction began."""
    before = session.info.get(_KEPT, {}).get(id(transaction)) if transaction.nested else {}
    if before is not None:
        session.info[_GATHERED] = before
    if not transaction.nested:
        session.info.pop(_BATCH, None)
