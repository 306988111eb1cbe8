"""Creating, changing, throwing away and restoring rows of any noun.

A noun's own rules are the hooks its subclass overrides. Every change locks its row, counts its version up
and ends with a flush, so that what PostgreSQL refuses is refused here and not at commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.errors import Fault, Invalid, NotFound
from crmtenant.models.base import now
from crmtenant.services.listing import Noun, item_statement

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and who else is in the company: `is_member` tells whether an id is one of its people."""

    id: str
    are_members: Callable[[Iterable[str]], bool]


class Records:
    """The writes of one noun. Reading is `listing`'s."""

    noun: Noun
    #: columns that hold ids of people
    people: tuple[str, ...] = ()

    def create(
        self, session: Session, author: Author, drafts: Sequence[Values], *, is_bulk: bool = False
    ) -> list[Any]:
        """The new rows, flushed. In bulk the pointers of `Invalid` start with the draft's index."""
        rows = []
        prepared = self.prepare(session, author, drafts)
        for index, values in enumerate(prepared):
            with pointing_at(index if is_bulk else None):
                self._check_people(author, values)
                self.check(session, values, None)
            moment = now()
            rows.append(self.noun.model(**values, created_by=author.id, created_at=moment, updated_at=moment))
        session.add_all(rows)
        session.flush()
        self.created(session, author, rows)
        return rows

    def lock(self, session: Session, row_id: int, *, is_deleted: bool = False) -> Any:
        """The live (or thrown away) row, locked until the transaction ends; `NotFound` when there is none."""
        return self.lock_all(session, [row_id], is_deleted=is_deleted)[0]

    def lock_all(
        self,
        session: Session,
        row_ids: Sequence[int],
        *,
        is_deleted: bool = False,
        pointer: str | None = None,
    ) -> list[Any]:
        """The rows in the order asked for, locked in the order of their ids so that nobody deadlocks.

        A missing one is `NotFound`, or `Invalid` below `pointer` where the ids came in a body.
        """
        model = self.noun.model
        state = model.deleted_at.is_not(None) if is_deleted else model.deleted_at.is_(None)
        found = {
            row.id: row
            for row in session.scalars(
                select(model)
                .where(model.id.in_(row_ids), state)
                .order_by(model.id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        }
        missing = [index for index, row_id in enumerate(row_ids) if row_id not in found]
        if missing and pointer is None:
            raise NotFound
        if missing:
            raise Invalid(*(_missing(f"{pointer}/{index}") for index in missing[:100]))
        return [found[row_id] for row_id in row_ids]

    def change(self, session: Session, author: Author, row: Item, values: Values) -> Item:
        """The row with these values. The version counts up only when something is really different."""
        values = {name: value for name, value in values.items() if name != "position" or value is not None}
        changes = {
            name: value for name, value in values.items() if name != "search" and getattr(row, name) != value
        }
        if not changes:
            return row
        self._check_people(author, changes)
        self.check(session, values, row)
        for name, value in {**changes, **_search_of(values)}.items():
            setattr(row, name, value)
        self.settle(session, row, changes)
        self.touch(row)
        session.flush()
        return row

    def remove(self, session: Session, author: Author, rows: Sequence[Item]) -> None:
        """Nothing comes back; the rows are in the trash."""
        moment = now()
        for row in rows:
            row.deleted_at, row.deleted_by = moment, author.id
            self.touch(row)
        self.removed(session, author, rows)
        session.flush()

    def restore(self, session: Session, author: Author, row: Item) -> Item:
        """The row, out of the trash."""
        thrown_away_at = row.deleted_at
        row.deleted_at = row.deleted_by = None
        self.touch(row)
        self.restored(session, author, row, thrown_away_at)
        session.flush()
        return row

    def touch(self, row: Item) -> None:
        """Nothing comes back; the row is a version further."""
        row.version += 1
        row.updated_at = now()

    def as_json_fields(self, session: Session, rows: Sequence[Item]) -> list[dict[str, Any]]:
        """The rows as their JSON fields, including those that only SQL can compute."""
        if all(hasattr(self.noun.model, name) for name in self.noun.columns):
            return [{name: getattr(row, name) for name in self.noun.columns} for row in rows]
        statement = item_statement(self.noun)
        found = [session.execute(statement, {"row_id": row.id}).one() for row in rows]
        return [dict(zip(self.noun.columns, row, strict=True)) for row in found]

    # What a noun may add

    def prepare(self, session: Session, author: Author, drafts: Sequence[Values]) -> Sequence[Values]:
        """The drafts with what only the database knows filled in."""
        del session, author
        return drafts

    def check(self, session: Session, values: Values, row: Item | None) -> None:
        """Nothing comes back; `Invalid` when the values refer to what is not there or contradict the row."""

    def settle(self, session: Session, row: Item, changes: Mapping[str, Any]) -> None:
        """Nothing comes back; what follows from the changes has been done to the row."""

    def created(self, session: Session, author: Author, rows: Sequence[Item]) -> None:
        """Nothing comes back; what follows from the new rows is written."""

    def removed(self, session: Session, author: Author, rows: Sequence[Item]) -> None:
        """Nothing comes back; what goes with the rows is in the trash as well."""

    def restored(self, session: Session, author: Author, row: Item, thrown_away_at: Any) -> None:
        """Nothing comes back; what went with the row is back as well."""

    def _check_people(self, author: Author, values: Mapping[str, Any]) -> None:
        for name in self.people:
            named = values.get(name)
            ids = [named] if isinstance(named, str) else named or []
            if ids and not author.are_members(ids):
                raise Invalid(Fault(f"/{name}", "unknown_member", "This is not a member of your company."))


def _missing(pointer: str) -> Fault:
    return Fault(pointer, "unknown_reference", "There is no such item.")


def _search_of(values: Values) -> Values:
    return {"search": values["search"]} if "search" in values else {}


class pointing_at:  # noqa: N801 (a context manager, read as a phrase)
    """Puts the index of a draft before the pointers of the faults raised inside."""

    def __init__(self, prefix: int | str | None) -> None:
        self._prefix = "" if prefix is None else f"/{prefix}"

    def __enter__(self) -> None:
        return

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if isinstance(error, Invalid) and self._prefix:
            moved = (Fault(f"{self._prefix}{f.pointer}", f.code, f.detail) for f in error.faults)
            raise Invalid(*moved, detail=error.detail) from error


def require_reference(
    session: Session, noun_model: type[Item], row_id: int | None, pointer: str, *conditions: Any
) -> None:
    """Nothing comes back; `Invalid` when an id is given that no live row of this kind has."""
    if row_id is None:
        return
    found = session.scalar(
        select(noun_model.id).where(noun_model.id == row_id, noun_model.deleted_at.is_(None), *conditions)
    )
    if found is None:
        raise Invalid(Fault(pointer, "unknown_reference", "There is no such item to refer to."))
