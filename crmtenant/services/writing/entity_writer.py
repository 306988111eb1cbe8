"""Creating, changing, deleting and restoring rows of any noun.

A noun's own rules are the hooks its subclass overrides. Every change locks its row, counts its version up
and ends with a flush, so that what PostgreSQL refuses is refused here and not at commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid, NotFound
from crmtenant.services.changes.change_log import note
from crmtenant.services.changes.statements import update_rows
from crmtenant.services.changes.written import CREATED, REMOVED, RESTORED, written
from crmtenant.services.entities.change import Actor, Change, Values
from crmtenant.services.entities.entity_type import TODAY, VIEWER
from crmtenant.services.writing.cascade import delete_owned, restore_owned
from crmtenant.services.writing.insertion import first_version, inserted
from crmtenant.services.writing.locking import locking, set_quietly

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item
    from crmtenant.services.entities.entity_type import EntityType

MAX_FIELD_ERRORS = 100
_LIVE: Values = {"deleted_at": None, "deleted_by": None}


class EntityWriter:
    """The writes of one noun, which sets `entity` when it is declared. Reading is `listing`'s."""

    entity: EntityType

    def create(
        self, session: Session, actor: Actor, drafts: Sequence[Values], *, pointer: str | None = None
    ) -> list[Any]:
        """Create the rows and return them, to be read: a change of theirs would not be written.

        Raises: `Invalid`, whose pointers start with `pointer` and the draft's index, if given; what the actor's room
        raises.
        """
        rows: list[Values] = []
        field_errors: list[FieldError] = []
        for index, draft in enumerate(self.prepare(session, drafts)):
            change = Change(session, actor, draft)
            change = replace(change, values=self.completed(change))
            prefix = "" if pointer is None else f"{pointer}/{index}"
            field_errors += self._all_field_errors(change, prefix)
            rows.append({**change.values, **first_version(actor)})
        if field_errors:
            raise Invalid(*field_errors[:MAX_FIELD_ERRORS])
        actor.room.take(len(rows))
        created = inserted(session, self.entity.model, rows)
        note(session, (written(self.entity, row, CREATED, actor.id) for row in created))
        self.created(session, actor, created)
        return created

    def lock(self, session: Session, actor: Actor, row_id: int, *, is_deleted: bool = False) -> Any:
        """Return the live (or deleted) row, locked until the transaction ends.

        Raises: `NotFound` when there is none.
        """
        return self.lock_all(session, actor, [row_id], is_deleted=is_deleted)[0]

    def lock_all(
        self,
        session: Session,
        actor: Actor,
        row_ids: Sequence[int],
        *,
        is_deleted: bool = False,
        pointer: str | None = None,
    ) -> list[Any]:
        """Return the rows in the order asked for, locked in the order of their ids so that nobody deadlocks.

        Raises: `NotFound` for a missing one, or `Invalid` below `pointer` where the ids came in a body;
        `Forbidden` for one that the actor may see and not change.
        """
        found = self.locked(session, actor, row_ids, is_deleted=is_deleted)
        missing = [index for index, row_id in enumerate(row_ids) if row_id not in found]
        if missing and pointer is None:
            raise NotFound
        if missing:
            raise Invalid(*(_missing(f"{pointer}/{index}") for index in missing[:MAX_FIELD_ERRORS]))
        rows = [found[row_id] for row_id in row_ids]
        self.check_writable(actor, rows)
        return rows

    def locked(
        self, session: Session, actor: Actor, row_ids: Sequence[int], *, is_deleted: bool = False
    ) -> dict[int, Any]:
        """Return by id those of the rows that are live (or deleted), locked until the transaction ends."""
        statement = locking(self.entity, is_deleted=is_deleted)
        values = {"ids": list(row_ids), VIEWER: actor.id}
        return {row.id: row for row in session.scalars(statement, values)}

    def change(self, session: Session, actor: Actor, row: Item, values: Values, pointer: str = "") -> Item:
        """Write these values and return the row. The version counts up only when something is really different.

        Raises: `Invalid`, whose pointers start with `pointer`; nothing of the row is different then.
        """
        changed = self.apply(session, actor, row, values, pointer)
        session.flush()
        return changed

    def apply(self, session: Session, actor: Actor, row: Item, values: Values, pointer: str = "") -> Item:
        """Do what `change` does, and leave it to the next flush to write it: that of many rows is one."""
        values = {name: value for name, value in values.items() if name != "position" or value is not None}
        changes = {
            name: value for name, value in values.items() if name != "search" and getattr(row, name) != value
        }
        if not changes:
            return row
        change = Change(session, actor, values, row, changes)
        field_errors = self._all_field_errors(change, pointer)
        if field_errors:
            raise Invalid(*field_errors)
        for name, value in {**changes, **_search_of(self.completed(change))}.items():
            setattr(row, name, value)
        self.settle(change)
        self.touch(row, actor)
        return row

    def remove(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Delete the rows, and what belongs to them: they go into the trash."""
        moment = now()
        self._mark(session, actor, rows, {"deleted_at": moment, "deleted_by": actor.id}, REMOVED)
        actor.room.note(-len(rows))
        delete_owned(session, actor, self.entity, [row.id for row in rows], moment)
        self.removed(session, actor, rows)
        session.flush()

    def restore(self, session: Session, actor: Actor, row: Item) -> Item:
        """Take the row, and what was deleted with it, out of the trash and return it.

        Raises: `Conflict` while what it belongs to is in the trash.
        """
        for refusal in self.restore_together(session, actor, [row]).values():
            raise refusal
        return row

    def restore_together(self, session: Session, actor: Actor, rows: Sequence[Item]) -> dict[int, Conflict]:
        """Take the rows, and what was deleted with them, out of the trash, but for those that cannot be: return why, by id."""
        refusals: dict[int, Conflict] = {}
        for number, level in enumerate(self._levels(self.outermost_first(rows))):
            # What went along into the trash with a row of the level before came back with it.
            waiting = level if number == 0 else self._still_deleted(session, actor, level)
            refusals |= self._restore_level(session, actor, waiting)
        session.flush()
        return refusals

    def restore_all(self, session: Session, actor: Actor, rows: Sequence[Item], pointer: str) -> None:
        """Take the rows out of the trash.

        Raises: `Invalid` that says below `pointer` which of them cannot be restored.
        """
        refusals = self.restore_together(session, actor, rows)
        if refusals:
            index_of = {row.id: index for index, row in enumerate(rows)}
            raise Invalid(
                *(
                    FieldError(f"{pointer}/{index_of[row_id]}", refusal.reason, refusal.detail)
                    for row_id, refusal in islice(refusals.items(), MAX_FIELD_ERRORS)
                )
            )

    def touch(self, row: Item, actor: Actor) -> None:
        """Count the row's version up."""
        row.version += 1
        row.updated_at, row.updated_by = now(), actor.id

    def as_json_fields(self, session: Session, actor: Actor, rows: Sequence[Item]) -> list[dict[str, Any]]:
        """Return the rows as their JSON fields, including those that only SQL can compute."""
        model, columns = self.entity.model, self.entity.columns
        if all(hasattr(model, name) for name in columns):
            return [{name: getattr(row, name) for name in columns} for row in rows]
        today = {TODAY: actor.clock.today()}
        computed = select(*self.entity.labelled()).where(model.id.in_([row.id for row in rows]))
        found = {row.id: dict(zip(columns, row, strict=True)) for row in session.execute(computed, today)}
        return [found[row.id] for row in rows]

    # What a noun may add

    def check_writable(self, actor: Actor, rows: Sequence[Any]) -> None:
        """Raise `Forbidden` when the actor may not change one of these rows."""

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:  # noqa: ARG002 (for overriding)
        """Return the drafts with what depends on their order and on the rows that exist."""
        return drafts

    def completed(self, change: Change) -> Values:
        """Return the values with the keys that are derived from other rows."""
        return change.values

    def field_errors(self, change: Change) -> Iterable[FieldError]:  # noqa: ARG002 (for overriding)
        """Return where the values refer to what does not exist, or contradict the row.

        A reference the row had before is not held against a change of something else.
        """
        return ()

    def settle(self, change: Change) -> None:
        """Do to the row what follows from the changes."""

    def created(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Write what follows from the new rows."""

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Do what follows from deleting the rows."""

    def restored(self, change: Change) -> None:
        """Do what follows from restoring the row."""

    def went_along(self, session: Session, row_ids: Sequence[int]) -> None:
        """Do what follows from rows having been deleted, or restored, with what they belong to."""

    def outermost_first(self, rows: Sequence[Item]) -> Sequence[Item]:
        """Return the rows, those that others of them are below before these."""
        return rows

    def _levels(self, rows: Sequence[Item]) -> Iterator[list[Item]]:
        """Yield the rows in turns, none of which has a row and one that belongs to it."""
        own = [link.column for link in self.entity.belongs_to if link.owner == self.entity.name]
        level: dict[int, Item] = {}
        for row in rows:
            if any(getattr(row, column) in level for column in own):
                yield list(level.values())
                level = {}
            level[row.id] = row
        if level:
            yield list(level.values())

    def _still_deleted(self, session: Session, actor: Actor, rows: Sequence[Item]) -> list[Item]:
        """Read the rows anew, and return those in the trash."""
        ids = [row.id for row in rows]
        self.locked(session, actor, ids)
        return list(self.locked(session, actor, ids, is_deleted=True).values())

    def _restore_level(self, session: Session, actor: Actor, rows: Sequence[Item]) -> dict[int, Conflict]:
        refusals: dict[int, Conflict] = {}
        restored: dict[datetime | None, list[Item]] = {}
        for row in rows:
            try:
                self.restored(Change(session, actor, row=row, deleted_at=row.deleted_at))
                restored.setdefault(row.deleted_at, []).append(row)
            except Conflict as refusal:
                refusals[row.id] = refusal
        for deleted_at, together in restored.items():
            self._mark(session, actor, together, _LIVE, RESTORED)
            actor.room.note(len(together))
            restore_owned(session, actor, self.entity, [row.id for row in together], deleted_at)
        return refusals

    def _mark(self, session: Session, actor: Actor, rows: Sequence[Item], mark: Values, verb: str) -> None:
        """Write the mark of the trash into the rows by one statement."""
        ids, values = [row.id for row in rows], {**mark, "updated_at": now()}
        update_rows(session, actor, self.entity, values, self.entity.table.c.id.in_(ids), verb=verb)
        for row in rows:
            set_quietly(row, {**values, "version": row.version + 1, "updated_by": actor.id})

    def _all_field_errors(self, change: Change, pointer: str) -> list[FieldError]:
        found = [*self._strangers(change), *self.field_errors(change)]
        return [FieldError(f"{pointer}{error.pointer}", error.code, error.detail) for error in found]

    def _strangers(self, change: Change) -> Iterator[FieldError]:
        for name in self.entity.user_columns:
            new = _ids(change.values.get(name)) - _ids(getattr(change.row, name, None))
            if new and not change.actor.are_members(new):
                yield FieldError(f"/{name}", "unknown_member", "This is not a member of your company.")


def _ids(value: str | Sequence[str] | None) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())


def _missing(pointer: str) -> FieldError:
    return FieldError(pointer, "unknown_reference", "There is no such item.")


def _search_of(values: Values) -> Values:
    return {"search": values["search"]} if "search" in values else {}
