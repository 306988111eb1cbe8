"""Rows in the trash that are deleted for good, with what belongs to them: one statement a noun.

What refers to them and stays refers to nothing afterwards. The log says that they are gone, and nothing of what they were.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    all_,
    and_,
    any_,
    bindparam,
    column,
    delete,
    exists,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from crmtenant.services.changes.change_log import note
from crmtenant.services.changes.statements import update_rows
from crmtenant.services.changes.telling import forget_rows
from crmtenant.services.changes.written import PURGED, written
from crmtenant.services.entities.entity_type import VIEWER

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor
    from crmtenant.services.entities.entity_type import BelongsTo, EntityType

Found = dict[str, dict[int, Any]]
"""By noun and id, the columns of a row that the log asks for."""


def do_nothing() -> None:
    """Do nothing."""


def purge(
    session: Session,
    actor: Actor,
    entity: EntityType,
    row_ids: Sequence[int],
    *,
    verb: str = PURGED,
    before_deleting: Callable[[], object] = do_nothing,
) -> int:
    """Delete these rows of the trash, and all that belongs to them, for good; return how many rows that were.

    `before_deleting` is called when nothing else refers to them any more.
    """
    session.flush()
    found = _with_belongings(session, actor, entity, row_ids)
    for name, rows in found.items():
        _let_go(session, actor, actor.entities.by_name[name], found, list(rows))
    nouns = [actor.entities.by_name[name] for name in found]
    note(session, chain.from_iterable(_told(noun, found, verb, actor.id) for noun in nouns))
    before_deleting()
    # Those that refer to others before these.
    for noun in reversed(actor.entities.by_table.values()):
        if found.get(noun.name):
            _delete(session, noun, list(found[noun.name]))
    for name, rows in found.items():
        forget_rows(session, name, rows)
    return sum(map(len, found.values()))


def purge_older(
    session: Session,
    actor: Actor,
    entity: EntityType,
    before: datetime | None,
    most: int | None = None,
    *,
    is_everybodys: bool = False,
) -> int:
    """Delete rows of the trash, and what belongs to them, for good; return how many rows that were.

    Those that came into it before this moment, if one is given; at most so many, the oldest first; only what the actor
    sees, unless everybody's are to go.
    """
    model = entity.model
    ids = (
        select(model.id)
        .where(
            model.deleted_at.is_not(None),
            model.deleted_at < before if before else true(),
            true() if is_everybodys else entity.visible,
        )
        .order_by(model.deleted_at, model.id)
        .limit(most)
    )
    row_ids = session.scalars(ids, {VIEWER: actor.id}).all()
    return purge(session, actor, entity, row_ids) if row_ids else 0


def _with_belongings(session: Session, actor: Actor, entity: EntityType, row_ids: Sequence[int]) -> Found:
    """Return the rows and what belongs to them, at any depth, all of it locked against new references."""
    found: Found = {entity.name: _locked(session, entity, _is_one_of(entity, row_ids))}
    pending = [(entity, list(found[entity.name]))]
    while pending:
        above, ids = pending.pop()
        for owned, link in actor.entities.owned_by(above):
            known = found.setdefault(owned.name, {})
            new = _locked(session, owned, _belongs_to(owned, link, ids), _is_none_of(owned, list(known)))
            if new:
                known |= new
                pending.append((owned, list(new)))
    return {name: rows for name, rows in found.items() if rows}


def _locked(session: Session, entity: EntityType, *conditions: ColumnElement[bool]) -> dict[int, Any]:
    table = entity.table
    names = sorted({"id", "version", *entity.about.columns})
    rows = session.execute(
        select(*(table.c[name] for name in names)).where(*conditions).order_by(table.c.id).with_for_update()
    )
    return {row.id: row for row in rows}


def _let_go(session: Session, actor: Actor, gone: EntityType, found: Found, ids: Sequence[int]) -> None:
    """Let whatever stays refer to these rows no longer."""
    for entity in actor.entities:
        stays = _is_none_of(entity, list(found.get(entity.name, ())))
        for reference in _references(entity, gone):
            update_rows(session, actor, entity, {reference.name: None}, reference == any_(_ids(ids)), stays)
        for name in (name for name, noun in entity.lists_of_ids.items() if noun == gone.name):
            _shorten(session, actor, entity, name, ids, stays)


def _references(entity: EntityType, gone: EntityType) -> Iterator[Any]:
    for key in sorted(entity.table.foreign_keys, key=lambda key: str(key.parent.name)):
        if key.column.table is gone.table and key.parent.nullable:
            yield key.parent


def _shorten(
    session: Session,
    actor: Actor,
    entity: EntityType,
    name: str,
    ids: Sequence[int],
    stays: ColumnElement[bool],
) -> None:
    """Take the ids out of the lists of ids that name them."""
    table = entity.table
    held = table.c[name]
    each = func.unnest(held).table_valued(column("one", BigInteger), with_ordinality="place").render_derived()
    others = select(each.c.one).where(each.c.one != all_(_ids(ids))).order_by(each.c.place).correlate(table)
    left = func.array(others.scalar_subquery(), type_=held.type)
    # Not `&&`, which compares each with each.
    names_one = exists(select(each.c.one).where(each.c.one == any_(_ids(ids))).correlate(table))
    update_rows(session, actor, entity, {name: left}, names_one, stays)


def _told(entity: EntityType, found: Found, verb: str, by: str) -> Iterator[Any]:
    return (written(entity, _Last(row), verb, by) for row in found[entity.name].values())


class _Last:
    """A row, at the version after its last."""

    def __init__(self, row: Any) -> None:
        self._row = row
        self.version = row.version + 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self._row, name)


def _delete(session: Session, entity: EntityType, ids: Sequence[int]) -> None:
    session.execute(
        delete(entity.model).where(_is_one_of(entity, ids)).execution_options(synchronize_session=False)
    )


def _belongs_to(entity: EntityType, link: BelongsTo, row_ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a row belongs to one of these by the link, itself and not through others."""
    columns = entity.table.c
    belongs: ColumnElement[bool] = columns[link.column] == any_(_ids(row_ids))
    return belongs if link.type_column is None else and_(belongs, columns[link.type_column] == link.owner)


def _ids(ids: Sequence[int]) -> Any:
    return bindparam(None, list(ids), type_=ARRAY(BigInteger))


def _is_one_of(entity: EntityType, ids: Sequence[int]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = entity.table.c.id == any_(_ids(ids))
    return condition


def _is_none_of(entity: EntityType, ids: Sequence[int]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = entity.table.c.id != all_(_ids(ids)) if ids else true()
    return condition
