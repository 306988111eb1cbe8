"""Undoing a batch: each row gets back what it was, field by field, but for what others changed since.

What is done is done by the nouns' own writers, and is a batch itself, which can be undone too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update

from crmtenant.clock import now
from crmtenant.db.pool.long_statements import allow_long_statements
from crmtenant.errors import Conflict, Forbidden, NotFound
from crmtenant.models.tenant.change import Batch
from crmtenant.services.changes.batches import UNDONE
from crmtenant.services.changes.change_log import UNDO, caused_by, make_batch
from crmtenant.services.changes.written import CREATED, REMOVED, RESTORED
from crmtenant.services.entities.room import UNLIMITED
from crmtenant.services.overview.undo_fields import put_fields_back
from crmtenant.services.overview.undo_kept import count_trashed_and_restored
from crmtenant.services.overview.undo_run import Patched, UndoRun
from crmtenant.services.overview.undo_trash import bring_back, throw_away

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor

KEPT_FOR = timedelta(days=30)


def undo(
    session: Session,
    actor: Actor,
    batch_id: int,
    *,
    patched: Patched,
    may_write: Callable[[str], bool],
    dry_run: bool = False,
) -> UndoRun:
    """Undo the batch and return what became of its rows; a dry run does it all and takes it back.

    A batch of which nothing could be put back is not marked as undone.

    Raises: `NotFound`; `Forbidden` where the noun is not for the actor to write, or another person's batch is not for
    them to undo; `Conflict` where it was undone already, or was made too long ago.
    """
    batch = _claimed(session, actor, batch_id, may_write)
    allow_long_statements(session)
    run = UndoRun(session, replace(actor, room=UNLIMITED) if dry_run else actor, batch.id, patched)
    caused_by(session, UNDO)
    with session.begin_nested() as savepoint:
        bring_back(run)
        throw_away(run, RESTORED)
        put_fields_back(run)
        throw_away(run, CREATED)
        session.flush()
        count_trashed_and_restored(run, (REMOVED, RESTORED, CREATED))
        if run.restored or run.partly:
            _mark_undone(session, actor, batch.id)
        if dry_run:
            savepoint.rollback()
    if not dry_run:
        run.undo_id = make_batch(session, actor, UNDONE, batch.noun, title=batch.summary.get("title"))
    return run


def _claimed(session: Session, actor: Actor, batch_id: int, may_write: Callable[[str], bool]) -> Any:
    audience = Batch.summary["audience"].astext
    batch = session.execute(
        select(Batch.id, Batch.by, Batch.at, Batch.noun, Batch.summary, Batch.undone_at).where(
            Batch.id == batch_id, or_(audience.is_(None), audience == actor.id)
        )
    ).one_or_none()
    if batch is None:
        raise NotFound
    if not may_write(batch.noun):
        raise Forbidden
    if batch.by != actor.id and not actor.may_manage_shared:
        detail = "Somebody else did this; only they, an admin or an owner may undo it."
        raise Forbidden(detail, code="done_by_others")
    if batch.undone_at is not None:
        raise _already_undone()
    if batch.at < now() - KEPT_FOR:
        raise Conflict(
            f"This was done more than {KEPT_FOR.days} days ago; it cannot be undone any more.",
            code="too_late",
        )
    return batch


def _mark_undone(session: Session, actor: Actor, batch_id: int) -> None:
    marked = session.execute(
        update(Batch)
        .where(Batch.id == batch_id, Batch.undone_at.is_(None))
        .values(undone_at=now(), undone_by=actor.id)
        .returning(Batch.id)
    ).scalar()
    if marked is None:
        raise _already_undone()


def _already_undone() -> Conflict:
    return Conflict("This was undone already.", code="already_undone")
