"""Creating, changing, throwing away and restoring rows of any noun.

A noun's own rules are the hooks its subclass overrides. Every change locks its row, counts its version up
and ends with a flush, so that what PostgreSQL refuses is refused here and not at commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid, NotFound
from crmtenant.services.entities.listing import VIEWER, EntityType, labelled

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

Values = dict[str, Any]
MAX_FIELD_ERRORS = 100


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and who else is in the company: `are_members` tells whether all these ids are its people's.

    `may_manage_shared`: whether they may also change what others made and share."""

    id: str
    are_members: Callable[[Iterable[str]], bool]
    may_manage_shared: bool = False


class EntityWriter:
    """The writes of one noun. Reading is `listing`'s."""

    noun: EntityType
    #: columns that hold ids of people
    people: tuple[str, ...] = ()

    def create(
        self, session: Session, actor: Actor, drafts: Sequence[Values], *, pointer: str | None = None
    ) -> list[Any]:
        """The new rows, to be read: a change of theirs would not be written. The pointers of `Invalid` start with
        `pointer` and the draft's index, if given."""
        rows: list[Values] = []
        field_errors: list[FieldError] = []
        for index, draft in enumerate(self.prepare(session, drafts)):
            values = self.completed(session, draft)
            prefix = "" if pointer is None else f"{pointer}/{index}"
            field_errors += self._all_field_errors(session, actor, values, None, prefix)
            rows.append({**values, **_first_version(actor)})
        if field_errors:
            raise Invalid(*field_errors[:MAX_FIELD_ERRORS])
        created = _inserted(session, self.noun.model, rows)
        self.created(session, actor, created)
        return created

    def lock(self, session: Session, actor: Actor, row_id: int, *, is_deleted: bool = False) -> Any:
        """The live (or thrown away) row, locked until the transaction ends; `NotFound` when there is none."""
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
        """The rows in the order asked for, locked in the order of their ids so that nobody deadlocks.

        A missing one is `NotFound`, or `Invalid` below `pointer` where the ids came in a body; one that the
        author may see and not change is `Forbidden`.
        """
        model = self.noun.model
        state = model.deleted_at.is_not(None) if is_deleted else model.deleted_at.is_(None)
        found = {
            row.id: row
            for row in session.scalars(
                select(model)
                .where(model.id.in_(row_ids), state, self.noun.visible)
                .order_by(model.id)
                .with_for_update(key_share=True)  # others may go on referring to the row
                .execution_options(populate_existing=True),
                {VIEWER: actor.id},
            )
        }
        missing = [index for index, row_id in enumerate(row_ids) if row_id not in found]
        if missing and pointer is None:
            raise NotFound
        if missing:
            raise Invalid(*(_missing(f"{pointer}/{index}") for index in missing[:MAX_FIELD_ERRORS]))
        rows = [found[row_id] for row_id in row_ids]
        self.check_writable(actor, rows)
        return rows

    def change(self, session: Session, actor: Actor, row: Item, values: Values, pointer: str = "") -> Item:
        """The row with these values. The version counts up only when something is really different.

        The pointers of `Invalid` start with `pointer`.
        """
        values = {name: value for name, value in values.items() if name != "position" or value is not None}
        changes = {
            name: value for name, value in values.items() if name != "search" and getattr(row, name) != value
        }
        if not changes:
            return row
        field_errors = self._all_field_errors(session, actor, values, row, pointer)
        if field_errors:
            raise Invalid(*field_errors)
        for name, value in {**changes, **_search_of(self.completed(session, values))}.items():
            setattr(row, name, value)
        self.settle(session, actor, row, changes)
        self.touch(row, actor)
        session.flush()
        return row

    def remove(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; the rows are in the trash."""
        moment = now()
        for row in rows:
            row.deleted_at, row.deleted_by = moment, actor.id
            self.touch(row, actor)
        self.removed(session, actor, rows)
        session.flush()

    def restore(self, session: Session, actor: Actor, row: Item) -> Item:
        """The row, out of the trash."""
        thrown_away_at = row.deleted_at
        row.deleted_at = row.deleted_by = None
        self.touch(row, actor)
        self.restored(session, actor, row, thrown_away_at)
        session.flush()
        return row

    def restore_all(self, session: Session, actor: Actor, rows: Sequence[Item], pointer: str) -> None:
        """Nothing comes back; the rows are out of the trash. `Invalid` below `pointer` tells which cannot be."""
        field_errors: list[FieldError] = []
        index_of = {row.id: index for index, row in enumerate(rows)}
        for row in self.outermost_first(rows):
            try:
                self.restore(session, actor, row)
            except Conflict as refusal:
                field_errors.append(
                    FieldError(f"{pointer}/{index_of[row.id]}", refusal.reason, refusal.detail)
                )
        if field_errors:
            raise Invalid(*field_errors[:MAX_FIELD_ERRORS])

    def touch(self, row: Item, actor: Actor) -> None:
        """Nothing comes back; the row is a version further."""
        row.version += 1
        row.updated_at, row.updated_by = now(), actor.id

    def as_json_fields(self, session: Session, rows: Sequence[Item]) -> list[dict[str, Any]]:
        """The rows as their JSON fields, including those that only SQL can compute."""
        model, columns = self.noun.model, self.noun.columns
        if all(hasattr(model, name) for name in columns):
            return [{name: getattr(row, name) for name in columns} for row in rows]
        asked = select(*labelled(self.noun)).where(model.id.in_([row.id for row in rows]))
        found = {row.id: dict(zip(columns, row, strict=True)) for row in session.execute(asked)}
        return [found[row.id] for row in rows]

    # What a noun may add

    def check_writable(self, actor: Actor, rows: Sequence[Any]) -> None:
        """Nothing comes back; `Forbidden` when the author may not change one of these rows."""

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """The drafts with what depends on their order and on the rows that are there."""
        del session
        return drafts

    def completed(self, session: Session, values: Values) -> Values:
        """The values with the keys that are derived from other rows."""
        del session
        return values

    def field_errors(self, session: Session, values: Values, row: Any) -> Iterator[FieldError]:
        """What the values refer to and is not there, or how they contradict the row (None if it is new).

        A reference the row had before is not held against a change of something else.
        """
        del session, values, row
        yield from ()

    def settle(self, session: Session, actor: Actor, row: Item, changes: Mapping[str, Any]) -> None:
        """Nothing comes back; what follows from the changes has been done to the row."""

    def created(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; what follows from the new rows is written."""

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Nothing comes back; what goes with the rows is in the trash as well."""

    def restored(self, session: Session, actor: Actor, row: Item, thrown_away_at: Any) -> None:
        """Nothing comes back; what went with the row is back as well."""

    def outermost_first(self, rows: Sequence[Item]) -> Sequence[Item]:
        """The rows, those that others of them are below before these."""
        return rows

    def _all_field_errors(
        self, session: Session, actor: Actor, values: Values, row: Item | None, pointer: str
    ) -> list[FieldError]:
        found = [*self._strangers(actor, values, row), *self.field_errors(session, values, row)]
        return [
            FieldError(f"{pointer}{field_error.pointer}", field_error.code, field_error.detail)
            for field_error in found
        ]

    def _strangers(self, actor: Actor, values: Values, row: Item | None) -> Iterator[FieldError]:
        for name in self.people:
            new = _ids(values.get(name)) - _ids(getattr(row, name, None))
            if new and not actor.are_members(new):
                yield FieldError(f"/{name}", "unknown_member", "This is not a member of your company.")


def _first_version(actor: Actor) -> Values:
    moment = now()
    return {
        "created_by": actor.id,
        "updated_by": actor.id,
        "created_at": moment,
        "updated_at": moment,
        "version": 1,
    }


def _ids(value: str | Sequence[str] | None) -> set[str]:
    return {value} if isinstance(value, str) else set(value or ())


def _inserted(session: Session, model: Any, rows: Sequence[Values]) -> list[Any]:
    """The rows, written by one statement past the unit of work, whose bookkeeping costs more than the insert."""
    if not rows:
        return []
    assert all(row.keys() == rows[0].keys() for row in rows), "SQLAlchemy takes the columns of the first row"
    # One row is executed as such: for several, SQLAlchemy builds the statement anew.
    given: Any = rows[0] if len(rows) == 1 else rows
    ids = session.scalars(_insertion(model), given).all()
    return [model(**row, id=row_id) for row_id, row in zip(ids, rows, strict=True)]


@lru_cache(maxsize=16)
def _insertion(model: Any) -> Any:
    table = model.__table__
    return insert(table).returning(table.c.id, sort_by_parameter_order=True)


def _missing(pointer: str) -> FieldError:
    return FieldError(pointer, "unknown_reference", "There is no such item.")


def _search_of(values: Values) -> Values:
    return {"search": values["search"]} if "search" in values else {}


def touched(model: Any, actor: Actor) -> Values:
    """The values that make rows changed by a statement a version further."""
    return {"version": model.version + 1, "updated_at": now(), "updated_by": actor.id}


def unknown_reference(
    session: Session,
    model: type[Item],
    values: Values,
    name: str,
    row: Item | None,
    *conditions: Any,
    is_held: bool = False,
) -> Iterator[FieldError]:
    """A fault when `name` holds an id that no live row of this kind has; none when the row held it before.

    `is_held`: the row referred to stays as it is until the transaction ends.
    """
    row_id = values.get(name)
    if row_id is None or (row is not None and getattr(row, name) == row_id):
        return
    live = select(model.id).where(model.id == row_id, model.deleted_at.is_(None), *conditions)
    if session.scalar(live.with_for_update(read=True) if is_held else live) is None:
        yield FieldError(f"/{name}", "unknown_reference", "There is no such item to refer to.")
