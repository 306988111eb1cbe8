"""What a batch threw away comes back, and what it created or brought back goes into the trash."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.change import BatchRow, LoggedChange
from crmtenant.services.changes.written import REMOVED, RESTORED
from crmtenant.services.entities.entity_type import EntityType
from crmtenant.services.entities.registry import EntityRegistry
from crmtenant.services.overview.undo_run import LONGS, UndoRun, chunks, of_batch, referred

_IS_ANOTHER: ColumnElement[bool] = literal_column(
    """EXISTS (
        SELECT FROM change AS since CROSS JOIN jsonb_each(since.changes) AS field
        WHERE since.noun = batch_row.noun AND since.row_id = batch_row.row_id
            AND since.version > batch_row.after_version AND since.verb <> 'moved'
        GROUP BY field.key
        HAVING (array_agg(field.value -> 0 ORDER BY since.seq))[1]
            IS DISTINCT FROM (array_agg(field.value -> 1 ORDER BY since.seq DESC))[1]
    )""",
    Boolean,
)
"""Whether a field is not what it was after the batch, by the log."""

Kept = dict[str, set[int]]
_KEPT_IDS = any_(bindparam("kept", type_=LONGS))


def bring_back(run: UndoRun) -> None:
    """Take out of the trash what the batch threw there, but for what others threw there again."""
    for is_root in (True, False):
        for entity in run.entities:
            for chunk in chunks(run.session, _candidates(run, entity, REMOVED, is_root=is_root)):
                ids = [one.row_id for one in chunk]
                rows = list(entity.writer.locked(run.session, run.actor, ids, is_deleted=True).values())
                entity.writer.check_writable(run.actor, rows)
                at_hand = referred(run, entity, [*map(vars, rows)])
                entity.writer.restore_together(run.session, run.actor, rows)
                at_hand.clear()


def throw_away(run: UndoRun, verb: str) -> None:
    """Throw away what the batch created (or restored), but for what others changed or use since."""
    kept = _used_by_others(run, verb)
    for is_root in (True, False):
        for entity in run.entities:
            stays = kept.get(entity.name, set())
            for chunk in chunks(run.session, _candidates(run, entity, verb, is_root=is_root)):
                versions = {one.row_id: one.version for one in chunk if one.row_id not in stays}
                found = entity.writer.locked(run.session, run.actor, list(versions))
                rows = [row for row in found.values() if row.version == versions[row.id]]
                entity.writer.check_writable(run.actor, rows)
                if rows:
                    entity.writer.remove(run.session, run.actor, rows)


def _candidates(run: UndoRun, entity: EntityType, verb: str, *, is_root: bool) -> Any:
    """Select rows that are as the batch left them; roots are those that do not go along with others of the batch."""
    table = entity.table
    statement = of_batch(run, entity, table.c.version).where(
        BatchRow.verb == verb,
        table.c.id == BatchRow.row_id,
        table.c.deleted_at.is_not(None) if verb == REMOVED else table.c.deleted_at.is_(None),
        not_(touched_since(entity, verb)),
    )
    return statement.where(not_(_has_owner(run, entity, verb))) if is_root else statement


def touched_since(entity: EntityType, verb: str) -> Any:
    """Return the condition that others did something to a row of the batch since that was not taken back.

    Of a row in the trash: that it came out of it meanwhile.
    """
    log, batch_row = LoggedChange, BatchRow
    came_out = exists().where(
        log.noun == entity.name,
        log.row_id == batch_row.row_id,
        log.version > batch_row.after_version,
        log.verb.in_((REMOVED, RESTORED)),
    )
    return and_(
        entity.table.c.version != batch_row.after_version, came_out if verb == REMOVED else _IS_ANOTHER
    )


def _has_owner(run: UndoRun, entity: EntityType, verb: str) -> Any:
    owner, table = aliased(BatchRow), entity.table
    of_batch = (owner.batch_id == run.batch_id, owner.verb == verb)
    return or_(
        false(),
        *(
            exists().where(
                *of_batch,
                owner.noun == link.owner,
                owner.row_id == table.c[link.column],
                table.c[link.type_column] == link.owner if link.type_column else true(),
            )
            for link in entity.belongs_to
        ),
    )


def _used_by_others(run: UndoRun, verb: str) -> Kept:
    """Return what stays because others changed it or refer to it since, with what it refers to and what belongs to it."""
    nouns = _nouns(run, verb)
    kept: Kept = {name: set() for name in nouns}
    for entity in run.entities:
        if entity.name in nouns:
            kept[entity.name].update(run.session.scalars(_touched(run, entity, verb)))
    is_growing = True
    while is_growing:
        before = sum(map(len, kept.values()))
        for name in nouns:
            entity = run.actor.entities.by_name[name]
            for user, reference in references_to(entity, run.actor.entities, only_owned=verb == RESTORED):
                used = _used(run, entity, user, reference, verb)
                kept[name].update(run.session.scalars(used, {"kept": list(kept.get(user.name, ()))}))
                if user.name in nouns and _is_owned(user, entity):
                    along = _belonging(run, entity, user, verb)
                    kept[user.name].update(run.session.scalars(along, {"kept": list(kept[name])}))
        is_growing = sum(map(len, kept.values())) > before
    return kept


def _nouns(run: UndoRun, verb: str) -> list[str]:
    of_verb = select(BatchRow.noun).where(BatchRow.batch_id == run.batch_id, BatchRow.verb == verb)
    found = set(run.session.scalars(of_verb.distinct()))
    return [entity.name for entity in run.entities if entity.name in found]


def _of_verb(run: UndoRun, entity: EntityType, verb: str, row: Any = BatchRow) -> Any:
    return and_(row.batch_id == run.batch_id, row.noun == entity.name, row.verb == verb)


def _touched(run: UndoRun, entity: EntityType, verb: str) -> Any:
    table = entity.table
    return select(BatchRow.row_id).where(
        _of_verb(run, entity, verb),
        table.c.id == BatchRow.row_id,
        table.c.deleted_at.is_(None),
        touched_since(entity, verb),
    )


def _used(run: UndoRun, entity: EntityType, user: EntityType, reference: Reference, verb: str) -> Any:
    """Select the batch's rows of `entity` that live rows of `user` refer to, which are not the batch's or stay."""
    other, theirs = user.table.alias("using"), aliased(BatchRow)
    is_undone = exists().where(_of_verb(run, user, verb, theirs), theirs.row_id == other.c.id)
    if reference.is_list:
        ids = func.unnest(other.c[reference.column]).table_valued("id").render_derived("listed")
        source, referred = other.join(ids, true()), ids.c.id
    else:
        source, referred = other, other.c[reference.column]
    return (
        select(BatchRow.row_id)
        .distinct()
        .select_from(source)
        .join(BatchRow, BatchRow.row_id == referred)
        .where(
            _of_verb(run, entity, verb),
            reference.is_to(other, entity),
            other.c.deleted_at.is_(None),
            or_(not_(is_undone), other.c.id == _KEPT_IDS),
        )
    )


def _belonging(run: UndoRun, owner: EntityType, entity: EntityType, verb: str) -> Any:
    """Select the batch's rows of `entity` that belong to rows which stay."""
    table = entity.table
    links = [link for link in entity.belongs_to if link.owner == owner.name]
    return select(BatchRow.row_id).where(
        _of_verb(run, entity, verb),
        table.c.id == BatchRow.row_id,
        or_(
            *(
                and_(
                    table.c[link.column] == _KEPT_IDS,
                    table.c[link.type_column] == owner.name if link.type_column else true(),
                )
                for link in links
            )
        ),
    )


def _is_owned(entity: EntityType, owner: EntityType) -> bool:
    return any(link.owner == owner.name for link in entity.belongs_to)


@dataclass(frozen=True, slots=True)
class Reference:
    """A column by which rows refer to others: an id or a list of ids, perhaps beside the noun of those."""

    column: str
    type_column: str | None = None
    is_list: bool = False

    def is_to(self, table: Any, entity: EntityType) -> Any:
        """Return the condition that a row refers to one of this noun."""
        return true() if self.type_column is None else table.c[self.type_column] == entity.name


def references_to(
    entity: EntityType, entities: EntityRegistry, *, only_owned: bool
) -> Iterator[tuple[EntityType, Reference]]:
    """Yield the nouns whose rows refer to this one's, and by what; `only_owned`: those that belong to them."""
    for user in entities:
        links = {link.column: link for link in user.belongs_to if link.owner == entity.name}
        for link in links.values():
            yield user, Reference(link.column, link.type_column)
        if only_owned:
            continue
        for key in user.table.foreign_keys:
            if key.column.table is entity.table and key.parent.name not in links:
                yield user, Reference(key.parent.name)
        for column, noun in user.lists_of_ids.items():
            if noun == entity.name:
                yield user, Reference(column, is_list=True)
