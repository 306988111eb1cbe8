"""What another company exported comes into one that is still empty: all of it, with its ids, or nothing.

Two rounds through the files: the first learns which ids there are, the second checks every row against them and
writes it. Nothing is left for the database to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, insert, select, text, update

from crmtenant.errors import Conflict, FieldError, Invalid
from crmtenant.services.transfer.company_tables import OF_ONE_DATABASE, TABLES, file_of, refused

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import Session

Row = Mapping[str, Any]
Values = dict[str, Any]
Lines = Callable[[str], Iterable[tuple[int, Row]]]

ROWS_AT_ONCE = 500
FILLED = tuple(table for table in TABLES if table.name not in OF_ONE_DATABASE)
_LISTS = frozenset({"assignee_ids", "member_ids"})
_PEOPLE = frozenset({"created_by", "updated_by", "deleted_by", "owner_id"})
_REFERENCES = {
    table.name: {key.parent.name: key.column.table.name for key in table.foreign_keys} for table in FILLED
}
_LOCK = text(f"LOCK TABLE {', '.join(table.name for table in FILLED)} IN SHARE ROW EXCLUSIVE MODE")


@dataclass(slots=True)
class Known:
    """What the first round learnt: the ids of each table, what organisations are called, which task is below which,
    the project of each column and each task, and which projects are in the trash."""

    ids: dict[str, set[int]] = field(default_factory=lambda: {table.name: set() for table in FILLED})
    organizations: dict[int, str | None] = field(default_factory=dict)
    parents: dict[int, int] = field(default_factory=dict)
    projects: dict[str, dict[int, int]] = field(default_factory=lambda: {"board_column": {}, "task": {}})
    trashed_projects: set[int] = field(default_factory=set)


@dataclass(slots=True)
class People:
    """Who the people of the export are here. `here` maps ids of the export to ids of members; nobody else is
    one, and `owner_id` stands for them."""

    here: Mapping[str, str]
    owner_id: str
    kept: set[str] = field(default_factory=set)
    replaced: set[str] = field(default_factory=set)

    def one(self, user_id: str | None) -> str | None:
        """The member this person is, or the importing owner in their place."""
        if user_id is None:
            return None
        found = self.here.get(user_id)
        (self.kept if found else self.replaced).add(user_id)
        return found or self.owner_id

    def among(self, ids: Iterable[str]) -> list[str]:
        """The members among these people."""
        listed = list(ids)
        for user_id in listed:
            (self.kept if user_id in self.here else self.replaced).add(user_id)
        return list(dict.fromkeys(self.here[one] for one in listed if one in self.here))


def who_is_here(exported: Iterable[tuple[str, str]], members: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The member's id for each id of the export that is a member's, or whose e-mail address is."""
    by_id = dict(members)
    by_email = {email.casefold(): member_id for member_id, email in by_id.items()}
    same_email = {one: by_email[email.casefold()] for one, email in exported if email.casefold() in by_email}
    return {**same_email, **{member_id: member_id for member_id in by_id}}


def require_empty(session: Session) -> None:
    """Nothing comes back; nobody writes until we have, and there is nothing yet. `Conflict` otherwise."""
    session.execute(_LOCK)
    if any(session.scalar(select(table.c.id).limit(1)) is not None for table in FILLED):
        raise Conflict(
            "There are contacts, projects, tasks or saved views already, perhaps in the trash.",
            code="company_not_empty",
        )


def look_through(lines: Lines, read_id: Callable[[Row], int]) -> Known:
    """What has to be known of all rows before any of them is written."""
    known = Known()
    for table in FILLED:
        ids = known.ids[table.name]
        for line, row in lines(table.name):
            try:
                row_id = read_id(row)
            except Invalid as refusal:
                raise refused(file_of(table.name), line, *refusal.field_errors) from None
            if row_id in ids:
                raise refused(
                    file_of(table.name), line, FieldError("/id", "duplicate", "The id is there twice.")
                )
            ids.add(row_id)
            _learn(known, table.name, row_id, row)
    return known


def _learn(known: Known, table: str, row_id: int, row: Row) -> None:
    """Nothing comes back; what refers to this row can be checked. Whether the row is as it should be is not asked yet."""
    if row.get("kind") == "organization":
        name = row.get("name")
        known.organizations[row_id] = name if isinstance(name, str) else None
    if table == "task" and isinstance(row.get("parent_id"), int):
        known.parents[row_id] = row["parent_id"]
    if table == "project" and row.get("deleted_at") is not None:
        known.trashed_projects.add(row_id)
    if table in known.projects and isinstance(row.get("project_id"), int):
        known.projects[table][row_id] = row["project_id"]


def write(
    session: Session,
    table: Table,
    rows: Iterable[tuple[int, Values]],
    known: Known,
    people: People,
) -> int:
    """How many rows were written. What refers to a row of the same table that comes later does so in the end."""
    count, waiting = 0, list[tuple[int, int]]()
    own = next((name for name, target in _REFERENCES[table.name].items() if target == table.name), None)
    there = set[int]()
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        ready = list(_ready(table.name, batch, known, people))
        there.update(values["id"] for values in ready)
        for values in ready:
            if own and values[own] is not None and values[own] not in there:
                waiting.append((values["id"], values[own]))
                values[own] = None
        session.execute(insert(table), ready)
        count += len(ready)
    if own:
        _refer(session, table, own, waiting)
    _go_on_after(session, table.name)
    return count


def _ready(table: str, batch: Iterable[tuple[int, Values]], known: Known, people: People) -> Iterator[Values]:
    for line, values in batch:
        field_errors = [
            FieldError(f"/{name}", "unknown_reference", "There is no such item to refer to.")
            for name, target in _REFERENCES[table].items()
            if values[name] is not None and values[name] not in known.ids[target]
        ]
        if not field_errors:
            field_errors += _unfit(table, values, known)
        field_errors += _circles(table, values, known)
        if field_errors:
            raise refused(file_of(table), line, *field_errors)
        yield {name: _of_here(name, value, people) for name, value in values.items()}


def _unfit(table: str, values: Values, known: Known) -> Iterator[FieldError]:
    """What is there to be referred to and does not fit, which no foreign key would notice."""
    is_live = values["deleted_at"] is None
    if table == "contact":
        employer = values["organization_id"]
        if is_live and employer is not None and employer not in known.organizations:
            yield FieldError("/organization_id", "unknown_reference", "This contact is no organisation.")
    elif table in known.projects and is_live and values["project_id"] in known.trashed_projects:
        yield FieldError("/project_id", "parent_in_trash", "The project is in the trash, and this is not.")
    if table == "task":
        yield from _beside(values, known)


def _beside(values: Values, known: Known) -> Iterator[FieldError]:
    """Where a task's column or the task above it is another project's."""
    project_id = values["project_id"]
    columns, tasks = known.projects["board_column"], known.projects["task"]
    if values["column_id"] is not None and columns.get(values["column_id"]) != project_id:
        yield FieldError(
            "/column_id", "unknown_reference", "The column is not on the board of the task's project."
        )
    if values["parent_id"] is not None and tasks.get(values["parent_id"]) != project_id:
        yield FieldError("/parent_id", "unknown_reference", "The task above it is in another project.")


def _of_here(name: str, value: Any, people: People) -> Any:
    if name in _PEOPLE:
        return people.one(value)
    return people.among(value) if name in _LISTS else value


def _circles(table: str, values: Values, known: Known) -> Iterator[FieldError]:
    if table == "contact" and values["organization_id"] == values["id"]:
        yield FieldError("/organization_id", "refers_to_itself", "A contact is not its own organisation.")
    if table != "task":
        return
    # Each walk ends where an earlier one has been: what leads nowhere is forgotten.
    walked, place = set[int](), values["id"]
    while place in known.parents:
        if place in walked:
            yield FieldError("/parent_id", "cycle", "A task cannot be below itself.")
            return
        walked.add(place)
        place = known.parents[place]
    for one in walked:
        del known.parents[one]


def _refer(session: Session, table: Table, column: str, pairs: list[tuple[int, int]]) -> None:
    longs = ARRAY(BigInteger)
    given = func.unnest(bindparam("ids", type_=longs), bindparam("targets", type_=longs)).table_valued(
        "id", "target"
    )
    statement = update(table).where(table.c.id == given.c.id).values({column: given.c.target})
    for start in range(0, len(pairs), ROWS_AT_ONCE):
        ids, targets = zip(*pairs[start : start + ROWS_AT_ONCE], strict=True)
        session.execute(statement, {"ids": list(ids), "targets": list(targets)})


def _go_on_after(session: Session, table: str) -> None:
    """Nothing comes back; the next row gets an id no row has, nor had."""
    sequence = f"{table}_id_seq"
    session.execute(
        text(
            f"SELECT setval('{sequence}', greatest((SELECT max(id) FROM {table}),"  # noqa: S608 (names of ours)
            f" (SELECT last_value FROM {sequence}))) WHERE EXISTS (SELECT FROM {table})"
        )
    )
