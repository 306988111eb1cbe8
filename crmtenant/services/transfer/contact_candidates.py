"""Find the contacts that the rows of a chunk may be about, in two queries however many rows and contacts there are.

The first reads names and keys of those who share an address with a row; only the ones that may be meant are read
wholly and locked by the second. An address that many share is read once in an import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import BigInteger, Text, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.services.duplicates.identity import Identity, IdentityIndex, identity_of
from crmtenant.services.entities.change import Values
from crmtenant.services.transfer.contact_additions import FIELDS
from crmtenant.services.transfer.known_contacts import KnownContact

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MANY = 50
"""An address that more contacts share is kept in memory for the rest of the import."""

_IDENTIFYING = ("kind", "name", "email_keys", "phone_keys", "source_keys")

_Employer = aliased(Contact)
_TEXTS = ARRAY(Text)
# Not `&&`: with 500 keys that compares each with each, and neither PostgreSQL's planner nor the index's list of
# pending entries makes it cheap in the middle of an import. `= ANY` of so many is a hash lookup.
_key = func.unnest(Contact.email_keys.concat(Contact.phone_keys).concat(Contact.source_keys)).column_valued(
    "key"
)
_SHARING = (
    select(Contact.id, *(getattr(Contact, name) for name in _IDENTIFYING))
    .where(Contact.deleted_at.is_(None), exists().where(_key == any_(bindparam("keys", type_=_TEXTS))))
    .order_by(Contact.id)
)
_MEANT = (
    select(Contact.id, Contact.version, _Employer.name, *(getattr(Contact, name) for name in FIELDS))
    .outerjoin(_Employer, Contact.organization_id == _Employer.id)
    .where(
        Contact.deleted_at.is_(None),
        or_(
            Contact.id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
            and_(
                Contact.match_key == any_(bindparam("organizations", type_=_TEXTS)),
                Contact.kind == "organization",
            ),
            and_(Contact.match_key == any_(bindparam("people", type_=_TEXTS)), Contact.kind == "person"),
        ),
    )
    .order_by(Contact.id)
    .with_for_update(of=Contact)
)


class Row(Protocol):
    """The part of an imported row that is compared with contacts."""

    values: Values
    organization: Values | None
    identity: Identity


@dataclass(frozen=True, slots=True, eq=False)
class Sharer:
    """A contact that has an address in common with rows."""

    id: int
    name: str


class Candidates:
    """Finds candidates during one import."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._crowded: set[str] = set()
        self._crowds: IdentityIndex[Sharer] = IdentityIndex()
        self._few: IdentityIndex[Sharer] = IdentityIndex()

    def find(self, rows: Sequence[Row], *, looks_for_all: bool) -> list[KnownContact]:
        """Return the contacts that the rows may be about and the organisations they name, locked."""
        organizations = {row.organization["match_key"] for row in rows if row.organization}
        organizations |= {row.values["match_key"] for row in rows if row.values["kind"] == "organization"}
        ids, people = set[int](), set[str]()
        if looks_for_all:
            identities = [row.identity for row in rows]
            self._read_sharers(identities)
            ids = {sharer.id for identity in identities for sharer in self._same(identity)}
            people = {row.values["match_key"] for row in rows if _is_known_by_name_only(row.values)}
        values = {"ids": sorted(ids), "organizations": sorted(organizations), "people": sorted(people)}
        return [
            KnownContact(dict(zip(FIELDS, fields, strict=True)), row_id, version, employer)
            for row_id, version, employer, *fields in self._session.execute(_MEANT, values)
        ]

    def sharing(self, identity: Identity) -> tuple[str, str] | None:
        """Return an address or number of these, and the name of a contact that has it; None if none has."""
        found = self._few.sharing(identity) or self._crowds.sharing(identity)
        return (found[0], found[1].name) if found else None

    def learn(self, written: Iterable[KnownContact]) -> None:
        """Remember the contacts of a written chunk that are at crowded addresses."""
        for known in written:
            identity = identity_of(known.values)
            crowded = self._crowded.intersection(identity.keys)
            if crowded and known.id is not None:
                self._crowds.add(identity, Sharer(known.id, known.values["name"]), only=crowded)

    def _same(self, identity: Identity) -> Iterator[Sharer]:
        yield from self._few.same(identity)
        yield from self._crowds.same(identity)

    def _read_sharers(self, identities: Iterable[Identity]) -> None:
        """Read who shares an address with these, but for the crowded addresses, which are known."""
        keys = {key for identity in identities for key in identity.keys} - self._crowded
        found = self._session.execute(_SHARING, {"keys": sorted(keys)}) if keys else ()
        sharers = [
            (identity_of(dict(zip(_IDENTIFYING, fields, strict=True))), Sharer(row_id, fields[1]))
            for row_id, *fields in found
        ]
        shared = Counter(key for identity, _ in sharers for key in identity.shared if key in keys)
        crowded = {key for key, count in shared.items() if count > MANY}
        self._few = IdentityIndex()
        for identity, sharer in sharers:
            self._few.add(identity, sharer)
            if at := crowded.intersection(identity.shared):
                self._crowds.add(identity, sharer, only=at)
        self._crowded |= crowded


def _is_known_by_name_only(values: Values) -> bool:
    return (
        values["kind"] == "person"
        and not values["email_keys"]
        and not values["phone_keys"]
        and bool(values["match_key"])
    )
