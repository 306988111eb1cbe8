"""What became of the rows that a batch created, threw away or brought back: counted, and those that stayed told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import and_, case, func, null, or_, select, true

from crmtenant.models.tenant.change import BatchRow, LoggedChange
from crmtenant.services.changes.written import CREATED, MOVED, REMOVED
from crmtenant.services.entities.entity_type import VIEWER, EntityType
from crmtenant.services.overview.undo_run import CHANGED_SINCE, GONE, IN_USE, MOST_KEPT, KeptRow, UndoRun
from crmtenant.services.overview.undo_trash import touched_since


def count_trashed_and_restored(run: UndoRun, verbs: Iterable[str]) -> None:
    """Count, now that all is done, which of these rows are where they were before the batch."""
    for entity in run.entities:
        table = entity.table
        rows = (
            BatchRow.batch_id == run.batch_id,
            BatchRow.noun == entity.name,
            BatchRow.verb.in_(list(verbs)),
        )
        joined = select().select_from(BatchRow).outerjoin(table, table.c.id == BatchRow.row_id).where(*rows)
        counted = joined.with_only_columns(func.count(), func.count().filter(_is_kept(table)))
        count, kept = run.session.execute(counted).one()
        run.restored += count - kept
        if kept:
            run.keep(_kept(run, entity, joined.where(_is_kept(table))), kept)


def _is_kept(table: Any) -> Any:
    """Whether a row is not where it was; what is gone for good is as if it had not been created."""
    is_live = and_(table.c.id.is_not(None), table.c.deleted_at.is_(None))
    return or_(and_(BatchRow.verb == REMOVED, ~is_live), and_(BatchRow.verb != REMOVED, is_live))


def _kept(run: UndoRun, entity: EntityType, rows: Any) -> Iterable[KeptRow]:
    table, log = entity.table, LoggedChange
    since = (
        select(log.by, log.at)
        .where(
            log.noun == entity.name,
            log.row_id == BatchRow.row_id,
            log.version > BatchRow.after_version,
            log.verb != MOVED,
        )
        .order_by(log.seq.desc())
        .limit(1)
        .lateral("since")
    )
    title = case((entity.visible, entity.title), else_=null())
    is_touched = case(
        (BatchRow.verb == REMOVED, touched_since(entity, REMOVED)), else_=touched_since(entity, CREATED)
    )
    columns = (BatchRow.row_id, BatchRow.verb, title.label("title"), table.c.id, since.c.by, since.c.at)
    told = (
        rows.with_only_columns(*columns, is_touched.label("is_touched"))
        .outerjoin(since, true())
        .order_by(BatchRow.row_id)
        .limit(MOST_KEPT)
    )
    for row in run.session.execute(told, {VIEWER: run.actor.id}):
        by, at = (row.by, row.at) if row.is_touched else (None, None)
        yield KeptRow(entity.name, row.row_id, row.title, (), _reason(row), by, at)


def _reason(row: Any) -> str:
    if row.id is None:
        return GONE
    if row.is_touched:
        return CHANGED_SINCE
    return GONE if row.verb == REMOVED else IN_USE
