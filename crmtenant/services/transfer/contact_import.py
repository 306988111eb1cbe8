"""Contacts by the thousand: new ones made, known ones added to, organisations linked by name.

Rows come checked (`schemas/imported.py`), are looked up and written 500 at a time, and belong to one
savepoint: what is wrong with a row is told and leaves no trace, and a dry run leaves nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, insert, select, update

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.entities.change import Actor, Values
from crmtenant.services.transfer.contact_matching import Known, Matches, additions, find_candidates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROWS_AT_ONCE = 500
MOST_FAULTS_OF_A_ROW = 10
STATEMENT_TIMEOUT = 60_000
"""Milliseconds. A statement of an import is about hundreds of rows; who imports waits longer than who looks."""

OnDuplicate = Literal["update", "skip", "create"]
Merge = Callable[[Values, str | None], Values]
"""The columns of a contact with these values and the name of its organisation; Invalid if they do not hold."""

# is_local: the connection has its own limit again when the transaction ends, however it does.
_ALLOW_LONG_STATEMENTS = select(func.set_config("statement_timeout", str(STATEMENT_TIMEOUT), True))


@dataclass(slots=True)
class Incoming:
    """A checked row: its number in the file, its columns, and those of its organisation with nothing but a name.
    `set_aside` is what was wrong with entries that were not taken."""

    row: int
    values: Values
    organization: Values | None = None
    set_aside: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that makes no contact, and why."""

    row: int
    field_errors: tuple[FieldError, ...]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong with one row of a file."""

    row: int
    pointer: str
    code: str
    detail: str


@dataclass(slots=True)
class ImportResult:
    """How many rows made a contact, added to one, said nothing new; and what was wrong with the others."""

    created: int = 0
    updated: int = 0
    skipped: int = 0
    errors: list[RowFault] = field(default_factory=list)


def import_contacts(
    session: Session,
    rows: Iterable[Incoming | Refused],
    *,
    actor: Actor,
    on_duplicate: OnDuplicate,
    merge: Merge,
    dry_run: bool = False,
) -> ImportResult:
    """What became of the rows; all good ones are written, in the caller's transaction.

    A row is a duplicate of a contact of its kind with one of its e-mail addresses, or its name and one of its
    numbers, or of an organisation of its name; in the file as in the database. `update` fills what is empty
    and adds addresses and numbers, `skip` leaves the contact alone, `create` does not look. Owners who are no
    members of the company are left out. `Conflict` while another import runs.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(advisory_locks.CONTACT_IMPORT))):
        raise Conflict("Another import is running; try again when it is done.", code="import_running")
    session.execute(_ALLOW_LONG_STATEMENTS)
    run = _Run(session, actor, on_duplicate, merge)
    with session.begin_nested() as savepoint:
        for chunk in _chunks(rows):
            run.take(chunk)
        if dry_run:
            savepoint.rollback()
    return run.result


def _chunks(rows: Iterable[Incoming | Refused]) -> Iterator[list[Incoming | Refused]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_AT_ONCE)):
        yield chunk


class _Run:
    """One import. What lives longer than a chunk is the result and the organisations made on the way."""

    def __init__(self, session: Session, actor: Actor, on_duplicate: OnDuplicate, merge: Merge) -> None:
        self.result = ImportResult()
        self._session = session
        self._author = actor
        self._on_duplicate = on_duplicate
        self._merge = merge
        self._is_owner: dict[str, bool] = {}
        self._named_only: set[str] = set()

    def take(self, chunk: list[Incoming | Refused]) -> None:
        """Nothing comes back; the rows are written or in the result's errors."""
        rows = [row for row in chunk if isinstance(row, Incoming)]
        looks_for_all = self._on_duplicate != "create"
        matches = Matches(find_candidates(self._session, rows, looks_for_all=looks_for_all))
        for row in chunk:
            if isinstance(row, Refused):
                self._refuse(row.row, row.field_errors)
            else:
                self._refuse(row.row, row.set_aside)
                self._take_row(row, matches)
        self._write(matches)

    def _take_row(self, row: Incoming, matches: Matches) -> None:
        row.values["owner_id"] = self._member(row.values["owner_id"])
        duplicate = self._duplicate(row, matches)
        if duplicate is None:
            self._create(row, matches)
        elif self._is_named_only(duplicate):
            self._fill(row, duplicate, matches)
        elif self._on_duplicate == "skip":
            self.result.skipped += 1
        else:
            self._fill(row, duplicate, matches)

    def _duplicate(self, row: Incoming, matches: Matches) -> Known | None:
        """The contact the row describes; an organisation only this import made is described by its own row."""
        if self._on_duplicate != "create":
            return matches.duplicate_of(row.values)
        known = matches.organization(row.values["name_key"]) if row.values["kind"] == "organization" else None
        return known if known is not None and self._is_named_only(known) else None

    def _is_named_only(self, known: Known) -> bool:
        return known.values["kind"] == "organization" and known.values["name_key"] in self._named_only

    def _create(self, row: Incoming, matches: Matches) -> None:
        known = Known(row.values)
        known.organization = self._organization(row, matches, known)
        matches.add(known)
        self.result.created += 1

    def _fill(self, row: Incoming, known: Known, matches: Matches) -> None:
        """Nothing comes back; the contact has what the row adds to it, or the row is refused."""
        added = additions(known, row.values)
        is_linked = row.organization is not None and known.organization_name is None
        if not added and not is_linked:
            self._count(known, is_changed=False)
            return
        organization = row.organization["name"] if is_linked and row.organization else known.organization_name
        try:
            values = self._merge({**known.values, **added}, organization)
        except Invalid as refusal:
            self._refuse(row.row, refusal.field_errors)
            return
        if is_linked:
            known.organization = self._organization(row, matches, known)
        self._count(known, is_changed=True)
        known.change({**values, "organization_id": known.values["organization_id"]})
        matches.index(known)

    def _count(self, known: Known, *, is_changed: bool) -> None:
        if self._is_named_only(known):
            self._named_only.discard(known.values["name_key"])
            self.result.created += 1
        elif is_changed:
            self.result.updated += 1
        else:
            self.result.skipped += 1

    def _organization(self, row: Incoming, matches: Matches, member: Known) -> Known | None:
        """The organisation the row names, found or made; nobody is their own."""
        if row.organization is None:
            return None
        known = matches.organization(row.organization["name_key"])
        if known is None and row.organization["name_key"] != member.values["name_key"]:
            known = Known(dict(row.organization))
            matches.add(known)
            self._named_only.add(known.values["name_key"])
        return known if known is not member else None

    def _member(self, owner_id: str | None) -> str | None:
        if owner_id is None:
            return None
        if owner_id not in self._is_owner:
            self._is_owner[owner_id] = self._author.are_members([owner_id])
        return owner_id if self._is_owner[owner_id] else None

    def _refuse(self, row: int, field_errors: tuple[FieldError, ...]) -> None:
        for field_error in field_errors[:MOST_FAULTS_OF_A_ROW]:
            self.result.errors.append(
                RowFault(row, field_error.pointer, field_error.code, field_error.detail)
            )

    def _write(self, matches: Matches) -> None:
        """Organisations first, for the others point at them; organisations that have one are pointed last."""
        new = [known for known in matches.all if known.id is None]
        organizations = [known for known in new if known.values["kind"] == "organization"]
        self._insert(organizations)
        self._insert([known for known in new if known.id is None])
        changed = [known for known in matches.all if known.is_changed and known not in new]
        self._update([*changed, *(known for known in organizations if known.organization)])

    def _insert(self, new: list[Known]) -> None:
        if not new:
            return
        statement = insert(Contact).returning(Contact.id, sort_by_parameter_order=True)
        by = {"created_by": self._author.id, "updated_by": self._author.id}
        rows = [{**known.linked_values(), **by} for known in new]
        for known, row_id in zip(new, self._session.scalars(statement, rows), strict=True):
            known.id = row_id

    def _update(self, changed: list[Known]) -> None:
        if not changed:
            return
        by = {"updated_at": now(), "updated_by": self._author.id}
        rows = [
            {**known.linked_values(), "id": known.id, "version": known.version + 1, **by} for known in changed
        ]
        self._session.execute(update(Contact), rows)
