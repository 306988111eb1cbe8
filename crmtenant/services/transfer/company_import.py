"""What another company exported comes into one that is still empty: all of it, with its ids, or nothing.

Two passes through the files: the first learns which ids there are, the second checks every row against them and
writes it. Nothing is left for the database to refuse.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, bindparam, func, insert, select, text, update

from crmtenant.errors import Conflict, FieldError, Invalid
from crmtenant.services.changes.change_log import IMPORT, caused_by, note
from crmtenant.services.changes.written import CREATED, written
from crmtenant.services.transfer.company_files import file_of, refused
from crmtenant.text.mentions import with_ids

if TYPE_CHECKING:
    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.entity_type import EntityType
    from crmtenant.services.entities.import_rules import ImportRules
    from crmtenant.services.entities.registry import EntityRegistry

Row = Mapping[str, Any]
Values = dict[str, Any]
Lines = Callable[[str], Iterable[tuple[int, Row]]]

ROWS_AT_ONCE = 500
_OF_EVERY_ROW = ("created_by", "updated_by", "deleted_by")


class Known:
    """What the first pass learnt: the ids of each table's rows, and what the nouns' own rules are checked against."""

    def __init__(self, entities: EntityRegistry) -> None:
        self.entities = entities
        self.ids: dict[str, set[int]] = {table: set() for table in entities.by_table}
        self.rules: dict[str, ImportRules] = {}
        for entity in entities:
            self.rules[entity.name] = entity.import_rules(self.rules)


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


def require_empty(session: Session, entities: EntityRegistry) -> None:
    """Keep everybody else from writing until the transaction ends, and require that there is nothing yet.

    Raises: `Conflict` when there is something.
    """
    session.execute(text(f"LOCK TABLE {', '.join(entities.by_table)} IN SHARE ROW EXCLUSIVE MODE"))
    if any(session.scalar(select(entity.model.id).limit(1)) is not None for entity in entities):
        raise Conflict(
            "There are contacts, projects, tasks or saved views already, perhaps in the trash.",
            code="company_not_empty",
        )


def look_through(entities: EntityRegistry, lines: Lines, read_id: Callable[[Row], int]) -> Known:
    """Return what has to be known of all rows before any of them is written."""
    known = Known(entities)
    for table, entity in entities.by_table.items():
        ids, rules, file = known.ids[table], known.rules[entity.name], file_of(table)
        for line, row in lines(table):
            try:
                row_id = read_id(row)
            except Invalid as refusal:
                raise refused(file, line, *refusal.field_errors) from None
            if row_id in ids:
                raise refused(file, line, FieldError("/id", "duplicate", "The id is there twice."))
            ids.add(row_id)
            rules.learn(row_id, row)
    return known


def write(
    session: Session, entity: EntityType, rows: Iterable[tuple[int, Values]], known: Known, people: People
) -> int:
    """Write the rows and return how many they are.

    What refers to a row of the same table that comes later does so in the end.
    """
    caused_by(session, IMPORT)
    table: Table = entity.table
    count, waiting = 0, list[tuple[int, int]]()
    own = next((name for name, target in _references(entity).items() if target == table.name), None)
    there = set[int]()
    remaining = iter(rows)
    while batch := list(islice(remaining, ROWS_AT_ONCE)):
        ready = list(_ready(entity, batch, known, people))
        there.update(values["id"] for values in ready)
        for values in ready:
            if own and values[own] is not None and values[own] not in there:
                waiting.append((values["id"], values[own]))
                values[own] = None
        session.execute(insert(table), ready)
        note(session, (written(entity, SimpleNamespace(**row), CREATED, people.owner_id) for row in ready))
        count += len(ready)
    if own:
        _refer(session, table, own, waiting)
    _go_on_after(session, table.name)
    return count


def _ready(
    entity: EntityType, batch: Iterable[tuple[int, Values]], known: Known, people: People
) -> Iterator[Values]:
    rules = known.rules[entity.name]
    for line, values in batch:
        field_errors = [*_missing_references(entity, values, known)]
        if not field_errors:
            field_errors += rules.misfits(values)
        field_errors += rules.cycles(values)
        if field_errors:
            raise refused(file_of(entity.table.name), line, *field_errors)
        yield _with_people_of_here(entity, values, people)


def _missing_references(entity: EntityType, values: Values, known: Known) -> Iterator[FieldError]:
    for name, target in _references_of(entity, values, known.entities).items():
        if values[name] is not None and values[name] not in known.ids[target]:
            yield FieldError(f"/{name}", "unknown_reference", "There is no such item to refer to.")
    for name, noun in entity.lists_of_ids.items():
        if not known.ids[known.entities.by_name[noun].table.name].issuperset(values[name]):
            yield FieldError(f"/{name}", "unknown_reference", "There is no such item to refer to.")


def _references_of(entity: EntityType, values: Values, entities: EntityRegistry) -> dict[str, str]:
    """Return the columns of a row that refer to other rows, and the tables of those."""
    subjects = {
        link.column: entities.by_name[link.owner].table.name
        for link in entity.belongs_to
        if link.type_column is not None and values[link.type_column] == link.owner
    }
    return {**_references(entity), **subjects}


@lru_cache(maxsize=64)
def _references(entity: EntityType) -> dict[str, str]:
    return {key.parent.name: key.column.table.name for key in entity.table.foreign_keys}


def _with_people_of_here(entity: EntityType, values: Values, people: People) -> Values:
    replaced: Values = {}
    for name in (*_OF_EVERY_ROW, *entity.user_columns):
        value = values[name]
        replaced[name] = people.among(value) if isinstance(value, list) else people.one(value)
    if entity.mentions:
        text, ids = entity.mentions
        replaced |= {text: with_ids(values[text], people.here.get), ids: people.among(values[ids])}
    return {**values, **replaced}


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
    """Let the next row get an id that no row has, nor had."""
    sequence = f"{table}_id_seq"
    session.execute(
        text(
            f"SELECT setval('{sequence}', greatest((SELECT max(id) FROM {table}),"  # noqa: S608 (names of ours)
            f" (SELECT last_value FROM {sequence}))) WHERE EXISTS (SELECT FROM {table})"
        )
    )
