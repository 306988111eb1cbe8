"""Import contacts in bulk: create new ones, add to known ones, link organisations by name.

Rows come validated (`schemas/transfer/contact_rows.py`), are looked up and written 500 at a time, and belong to
one savepoint: an invalid row is reported and leaves no trace, and a dry run leaves nothing at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from types import SimpleNamespace
from typing import TYPE_CHECKING, Literal

from crmtenant.db.pool.long_statements import allow_long_statements
from crmtenant.errors import FieldError, Invalid
from crmtenant.services.changes.change_log import IMPORT, caused_by, note
from crmtenant.services.changes.written import CHANGED, CREATED, Written, differing, written
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.duplicates.identity import name_of
from crmtenant.services.entities.change import Actor, Values
from crmtenant.services.entities.room import UNLIMITED
from crmtenant.services.transfer import running_import
from crmtenant.services.transfer.contact_additions import additions
from crmtenant.services.transfer.contact_candidates import Candidates
from crmtenant.services.transfer.contact_import_rows import ImportResult, RefusedRow, ValidRow, row_error
from crmtenant.services.transfer.contact_writes import insert_contacts, next_ids, update_contacts
from crmtenant.services.transfer.decisions import another_contact, kept_name
from crmtenant.services.transfer.known_contacts import KnownContact, KnownContacts
from crmtenant.text.compared_names import agree

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ROWS_AT_ONCE = 500
MOST_ERRORS_PER_ROW = 10

OnDuplicate = Literal["update", "skip", "create"]
Merge = Callable[[Values, str | None], Values]
"""Return the columns of a contact with these values and the name of its organisation, or raise `Invalid`."""


def import_contacts(
    session: Session,
    rows: Iterable[ValidRow | RefusedRow],
    *,
    actor: Actor,
    on_duplicate: OnDuplicate,
    merge: Merge,
    dry_run: bool = False,
) -> ImportResult:
    """Write all valid rows in the caller's transaction and return the result.

    Who is a duplicate, in the file as in the database, is said in `services/duplicates/identity.py`; a person without
    address and number is one of a namesake who has all there is in the row, an organisation of its name. `update`
    fills empty fields and adds addresses and numbers, `skip` leaves the contact as it is, `create` does not look
    for duplicates.
    Owners who are not members of the company are left out.

    Raises:
        Conflict: another import is running, or this one was called off.
    """
    running_import.begin(session)
    allow_long_statements(session)
    actor = replace(actor, room=UNLIMITED) if dry_run else actor
    run = _Run(session, actor, on_duplicate, merge, is_trial=dry_run)
    caused_by(session, IMPORT)
    with session.begin_nested() as savepoint:
        for chunk in _chunks(rows):
            running_import.tell(session, chunk[0].row)
            run.write_chunk(chunk)
        if dry_run:
            savepoint.rollback()
    return run.result


def _chunks(rows: Iterable[ValidRow | RefusedRow]) -> Iterator[list[ValidRow | RefusedRow]]:
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_AT_ONCE)):
        yield chunk


class _Run:
    """One import. Only the result and the organisations created on the way outlive a chunk."""

    def __init__(
        self, session: Session, actor: Actor, on_duplicate: OnDuplicate, merge: Merge, *, is_trial: bool
    ) -> None:
        self.result = ImportResult()
        self._is_trial = is_trial
        self._session = session
        self._actor = actor
        self._on_duplicate = on_duplicate
        self._merge = merge
        self._is_owner: dict[str, bool] = {}
        self._named_only: set[str] = set()
        self._candidates = Candidates(session)

    def write_chunk(self, chunk: list[ValidRow | RefusedRow]) -> None:
        """Write the rows or add them to the errors of the result."""
        rows = [row for row in chunk if isinstance(row, ValidRow)]
        looks_for_all = self._on_duplicate != "create"
        matches = KnownContacts(self._candidates.find(rows, looks_for_all=looks_for_all))
        for row in chunk:
            if isinstance(row, RefusedRow):
                self._tell(row.row, row.field_errors)
            else:
                self._tell(row.row, row.set_aside, is_imported=True)
                self._take_row(row, matches)
        self._write(matches)
        self._candidates.learn(known for known in matches.all if known.is_changed or known.is_new)

    def _take_row(self, row: ValidRow, matches: KnownContacts) -> None:
        row.values["owner_id"] = self._member(row.values["owner_id"])
        duplicate, is_ambiguous = self._duplicate(row, matches)
        if duplicate is None:
            self._tell_of_sharing(row, matches, is_ambiguous=is_ambiguous)
            self._create(row, matches)
        elif self._is_named_only(duplicate):
            self._add_to(row, duplicate, matches)
        elif self._on_duplicate == "skip":
            self.result.skipped += 1
        else:
            self._add_to(row, duplicate, matches)

    def _duplicate(self, row: ValidRow, matches: KnownContacts) -> tuple[KnownContact | None, bool]:
        """Return the contact that the row is about, and whether there is none because it could be several.

        It may be an organisation created for a row before it.
        """
        if self._on_duplicate != "create":
            return matches.same(row.values, row.identity, row.organization)
        is_organization = row.values["kind"] == "organization"
        known = matches.organization(row.values["match_key"]) if is_organization else None
        return (known if known is not None and self._is_named_only(known) else None), False

    def _tell_of_sharing(self, row: ValidRow, matches: KnownContacts, *, is_ambiguous: bool) -> None:
        """Tell that the row becomes another contact at an address that one has already."""
        if self._on_duplicate == "create":
            return
        found = matches.sharing(row.identity) or self._candidates.sharing(row.identity)
        if found is None:
            return
        self.result.decisions.append(another_contact(row.row, found, could_be_several=is_ambiguous))

    def _is_named_only(self, known: KnownContact) -> bool:
        return known.values["kind"] == "organization" and known.values["match_key"] in self._named_only

    def _create(self, row: ValidRow, matches: KnownContacts) -> None:
        known = KnownContact(row.values)
        known.organization = self._organization(row, matches, known)
        matches.add(known)
        self.result.created += 1

    def _add_to(self, row: ValidRow, known: KnownContact, matches: KnownContacts) -> None:
        """Add what the row has to the contact, or refuse the row."""
        self._tell_of_other_name(row, known)
        added = additions(known.values, row.values)
        is_linked = row.organization is not None and known.organization_name is None
        if not added and not is_linked:
            self._count(known, is_changed=False)
            return
        organization = row.organization["name"] if is_linked and row.organization else known.organization_name
        try:
            merged = {**known.values, **added}
            values = self._merge(merged, organization)
        except Invalid as refusal:
            self._tell(row.row, refusal.field_errors)
            return
        if is_linked:
            known.organization = self._organization(row, matches, known)
        self._count(known, is_changed=True)
        kept = {name: merged[name] for name in ("organization_id", "source_keys")}
        known.change({**values, **kept})
        matches.index(known)

    def _tell_of_other_name(self, row: ValidRow, known: KnownContact) -> None:
        if not agree(name_of(known.values), name_of(row.values)):
            self.result.decisions.append(kept_name(row.row, known.values["name"]))

    def _count(self, known: KnownContact, *, is_changed: bool) -> None:
        if self._is_named_only(known):
            self._named_only.discard(known.values["match_key"])
            self.result.created += 1
        elif is_changed:
            self.result.updated += 1
        else:
            self.result.skipped += 1

    def _organization(
        self, row: ValidRow, matches: KnownContacts, member: KnownContact
    ) -> KnownContact | None:
        """Return the organisation that the row names, found or created; never the contact itself."""
        if row.organization is None:
            return None
        known = matches.organization(row.organization["match_key"])
        if known is None and row.organization["match_key"] != member.values["match_key"]:
            known = KnownContact(dict(row.organization))
            matches.add(known)
            self._named_only.add(known.values["match_key"])
        return known if known is not member else None

    def _member(self, owner_id: str | None) -> str | None:
        if owner_id is None:
            return None
        if owner_id not in self._is_owner:
            self._is_owner[owner_id] = self._actor.are_members([owner_id])
        return owner_id if self._is_owner[owner_id] else None

    def _tell(self, row: int, field_errors: Iterable[FieldError], *, is_imported: bool = False) -> None:
        for error in islice(field_errors, MOST_ERRORS_PER_ROW):
            self.result.errors.append(row_error(row, error, is_imported=is_imported))

    def _write(self, matches: KnownContacts) -> None:
        new = sorted(
            (known for known in matches.all if known.is_new),
            key=lambda known: known.values["kind"] != "organization",
        )
        self._actor.room.take(len(new))
        for known, row_id in zip(new, next_ids(self._session, len(new)), strict=True):
            known.id = row_id
        changed = [known for known in matches.all if known.is_changed and not known.is_new]
        is_found = not self._is_trial
        created = [{**known.row(is_found=is_found), "version": 1} for known in new]
        updated = [{**known.row(is_found=is_found), "version": known.version + 1} for known in changed]
        insert_contacts(self._session, created, self._actor.id)
        update_contacts(self._session, updated, self._actor.id)
        if not self._is_trial:
            note(self._session, self._logged(created, updated, [known.before for known in changed]))

    def _logged(
        self, created: Iterable[Values], updated: Iterable[Values], before: Iterable[Values]
    ) -> Iterator[Written]:
        by = self._actor.id
        for row in created:
            yield written(CONTACT, SimpleNamespace(**row), CREATED, by)
        for row, was in zip(updated, before, strict=True):
            change = written(CONTACT, SimpleNamespace(**row), CHANGED, by, differing(CONTACT, was, row))
            keys = was["source_keys"]
            yield change if keys == row["source_keys"] else replace(change, untold=(("source_keys", keys),))
