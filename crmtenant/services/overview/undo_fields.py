"""The fields that a batch changed get their old values back, where they still are what the batch wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import case, null, select

from crmtenant.errors import Forbidden, Invalid
from crmtenant.models.tenant.change import BatchRow
from crmtenant.services.changes.written import CREATED, REMOVED, RESTORED, kept, logged_fields
from crmtenant.services.entities.entity_type import VIEWER, EntityType
from crmtenant.services.overview.undo_run import (
    CHANGED_SINCE,
    FORBIDDEN,
    GONE,
    IDS,
    KeptRow,
    UndoRun,
    chunks,
    logged_since,
    of_batch,
    referred,
)

_OF_TRASH = (CREATED, REMOVED, RESTORED)


def put_fields_back(run: UndoRun) -> None:
    """Put back the fields of all rows of the batch."""
    for entity in run.entities:
        changed = of_batch(run, entity, BatchRow.verb, BatchRow.before).where(BatchRow.before != {})
        for chunk in chunks(run.session, changed):
            _put_back(run, entity, chunk)


def _put_back(run: UndoRun, entity: EntityType, chunk: Sequence[Any]) -> None:
    session = run.session
    rows = entity.writer.locked(session, run.actor, [one.row_id for one in chunk])
    at_hand = referred(run, entity, [*map(vars, rows.values()), *(one.before for one in chunk)])
    versions = {one.row_id: one.after_version for one in chunk if _is_touched(rows.get(one.row_id), one)}
    log = logged_since(session, entity, versions)
    for one in chunk:
        row = rows.get(one.row_id)
        if row is not None:
            _put_row_back(run, entity, row, one, log.get(one.row_id, ()))
    session.flush()
    at_hand.clear()
    gone = [one.row_id for one in chunk if one.row_id not in rows and one.verb not in _OF_TRASH]
    if gone:
        run.keep(_gone(run, entity, gone), len(gone))


def _is_touched(row: Any, one: Any) -> bool:
    return row is not None and row.version != one.after_version


def _put_row_back(run: UndoRun, entity: EntityType, row: Any, one: Any, log: Sequence[Any]) -> None:
    own: Mapping[str, Any] = next((line.changes for line in log if line.version == one.after_version), {})
    later = [line for line in log if line.version > one.after_version]
    wanted, others = dict[str, Any](), list[str]()
    for name, old in one.before.items():
        present = _json(getattr(row, name))
        if present == old:
            continue
        if not later or (name in own and _json(kept(getattr(row, name))) == own[name][1]):
            wanted[name] = old
        elif name in logged_fields(entity):
            others.append(name)
    refused = _write(run, entity, row, wanted)
    run_kept = [*_changed_by_others(entity, row, others, later), *_refused(entity, row, refused)]
    if one.verb in _OF_TRASH:
        run.keep(run_kept, 0)
    elif not run_kept:
        run.restored += 1
    else:
        run.partly += len(refused) < len(wanted)
        run.keep(run_kept, 1)


def _write(run: UndoRun, entity: EntityType, row: Any, fields: Mapping[str, Any]) -> dict[str, str]:
    """Write the fields and return those that cannot be written, and why."""
    if not fields:
        return {}
    try:
        values = run.patched(entity, row, fields)
        entity.writer.apply(run.session, run.actor, row, values)
    except Forbidden:
        return dict.fromkeys(fields, FORBIDDEN)
    except Invalid as refusal:
        named = {error.pointer.split("/")[1] for error in refusal.field_errors if "/" in error.pointer}
        wrong = named & fields.keys() or set(fields)
        rest = {name: value for name, value in fields.items() if name not in wrong}
        return {**dict.fromkeys(wrong, GONE), **_write(run, entity, row, rest)}
    for name, value in fields.items():
        if name not in values:
            _set_derived(entity, row, name, value)
    return {}


def _set_derived(entity: EntityType, row: Any, name: str, value: Any) -> None:
    """Set what follows from other fields, such as the moment a task was completed, to what it was."""
    kind = entity.table.c[name].type.python_type
    setattr(row, name, kind.fromisoformat(value) if value is not None and kind in (date, datetime) else value)


def _changed_by_others(
    entity: EntityType, row: Any, names: Sequence[str], later: Sequence[Any]
) -> Iterator[KeptRow]:
    if names:
        line = next((line for line in reversed(later) if not line.changes.keys().isdisjoint(names)), None)
        by, at = (line.by, line.at) if line is not None else (None, None)
        yield KeptRow(entity.name, row.id, _title(entity, row), tuple(names), CHANGED_SINCE, by, at)


def _refused(entity: EntityType, row: Any, refused: Mapping[str, str]) -> Iterator[KeptRow]:
    for reason in sorted(set(refused.values())):
        names = tuple(name for name in refused if refused[name] == reason)
        yield KeptRow(entity.name, row.id, _title(entity, row), names, reason)


def _gone(run: UndoRun, entity: EntityType, ids: Sequence[int]) -> Iterator[KeptRow]:
    """Yield what is in the trash, or is not at all any more."""
    model = entity.model
    title = case((entity.visible, entity.title), else_=null())
    found = run.session.execute(
        select(model.id, title.label("title"), model.deleted_by, model.deleted_at).where(model.id == IDS),
        {"ids": list(ids), VIEWER: run.actor.id},
    )
    known = {row.id: row for row in found}
    for row_id in ids:
        row = known.get(row_id)
        who = (row.title, (), GONE, row.deleted_by, row.deleted_at) if row is not None else (None, (), GONE)
        yield KeptRow(entity.name, row_id, *who)


def _title(entity: EntityType, row: Any) -> str:
    title: str = getattr(row, entity.title.key)
    return title


def _json(value: Any) -> Any:
    """Return the value as the log has it."""
    if value is None or isinstance(value, str | int):
        return value
    return orjson.loads(orjson.dumps(value, option=orjson.OPT_UTC_Z))
