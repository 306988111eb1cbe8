"""Find the contact that a row of an import describes, and what the row adds to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Exists, Text, and_, any_, bindparam, exists, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.services.entities.change import Values

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_NAME_PARTS = ("prefix", "given_name", "middle_name", "family_name", "suffix")
_FILLED = (
    "nickname",
    "job_title",
    "department",
    "addresses",
    "urls",
    "birthday",
    "note",
    "owner_id",
    "source",
)
FIELDS = (
    *("kind", "name", *_NAME_PARTS, "organization_id", "emails", "phones", "tags", "custom", *_FILLED),
    *("name_key", "email_keys", "phone_keys", "countries"),
)

_Employer = aliased(Contact)
_TEXTS = ARRAY(Text)
_names = bindparam("names", type_=_TEXTS)
_is_named = Contact.name_key == any_(_names)
_is_organization = and_(
    Contact.kind == "organization",
    Contact.name_key == any_(bindparam("organizations", type_=_TEXTS)),
)


def _shares(keys: InstrumentedAttribute[list[str]], sought: str) -> Exists:
    """Return the condition that one of a contact's keys is among those sought.

    Not `&&`: with 500 keys that compares each with each, and neither PostgreSQL's planner nor the index's list
    of pending entries makes it cheap in the middle of an import. `= ANY` of so many is a hash lookup.
    """
    key = func.unnest(keys).column_valued("key")
    return exists().where(key == any_(bindparam(sought, type_=_TEXTS)))


_is_duplicate = or_(
    _shares(Contact.email_keys, "emails"), and_(_is_named, _shares(Contact.phone_keys, "phones"))
)
_found = (
    select(Contact.id, Contact.version, _Employer.name, *(getattr(Contact, name) for name in FIELDS))
    .outerjoin(_Employer, Contact.organization_id == _Employer.id)
    .order_by(Contact.id)
    .with_for_update(of=Contact)
)
_CANDIDATES = _found.where(Contact.deleted_at.is_(None), or_(_is_duplicate, _is_organization))
_ORGANIZATIONS = _found.where(Contact.deleted_at.is_(None), _is_organization)


class Row(Protocol):
    """The part of an imported row that matching needs."""

    values: Values
    organization: Values | None


class KnownContact:
    """A contact that exists, or will exist when the chunk is written.

    `organization` is the one to link it to; `values` has the id of the one before.
    """

    def __init__(
        self,
        values: Values,
        row_id: int | None = None,
        version: int = 1,
        organization_name: str | None = None,
    ) -> None:
        self.values = values
        self.id = row_id
        self.version = version
        self.organization: KnownContact | None = None
        self.is_changed = False
        self._organization_name = organization_name

    @property
    def organization_name(self) -> str | None:
        """The name of the contact's organisation."""
        return self.organization.values["name"] if self.organization else self._organization_name

    def change(self, values: Values) -> None:
        """Replace the contact's columns."""
        self.values, self.is_changed = values, True

    def linked_values(self) -> Values:
        """Return the columns, with the id of the organisation once it has one."""
        if self.organization is None:
            return self.values
        return {**self.values, "organization_id": self.organization.id}


class ContactIndex:
    """An index of the contacts that the rows of a chunk may describe. The oldest comes first."""

    def __init__(self, candidates: Iterable[KnownContact]) -> None:
        self.all: list[KnownContact] = []
        self._by_email: dict[tuple[str, str], list[KnownContact]] = {}
        self._by_phone: dict[tuple[str, str, str], KnownContact] = {}
        self._organizations: dict[str, KnownContact] = {}
        for known in candidates:
            self.add(known)

    def add(self, known: KnownContact) -> None:
        """Add a contact that later rows of the chunk may describe."""
        self.all.append(known)
        self.index(known)

    def index(self, known: KnownContact) -> None:
        """Index the contact by the keys it has now."""
        kind, name = known.values["kind"], known.values["name_key"]
        for email in known.values["email_keys"]:
            others = self._by_email.setdefault((kind, email), [])
            if known not in others:
                others.append(known)
        for phone in known.values["phone_keys"]:
            self._by_phone.setdefault((kind, name, phone), known)
        if kind == "organization":
            self._organizations.setdefault(name, known)

    def organization(self, name_key: str) -> KnownContact | None:
        """Return the organisation of this name, or None."""
        return self._organizations.get(name_key)

    def duplicate_of(self, values: Values) -> KnownContact | None:
        """Return the contact that these values describe: of several with the address, the one with the same name."""
        kind, name = values["kind"], values["name_key"]
        sharing = [known for email in values["email_keys"] for known in self._by_email.get((kind, email), ())]
        namesake = next((known for known in sharing if known.values["name_key"] == name), None)
        if sharing:
            return namesake or sharing[0]
        by_phone = (self._by_phone.get((kind, name, phone)) for phone in values["phone_keys"])
        found = next(filter(None, by_phone), None)
        return found or (self._organizations.get(name) if kind == "organization" else None)


def find_candidates(session: Session, rows: Sequence[Row], *, looks_for_all: bool) -> list[KnownContact]:
    """Return the contacts that the rows may describe and the organisations they name, locked, in one query."""
    organizations = {row.organization["name_key"] for row in rows if row.organization}
    organizations |= {row.values["name_key"] for row in rows if row.values["kind"] == "organization"}
    values = {
        "organizations": sorted(organizations),
        "emails": _all_of(rows, "email_keys"),
        "phones": _all_of(rows, "phone_keys"),
        "names": sorted({row.values["name_key"] for row in rows if row.values["phone_keys"]}),
    }
    if not looks_for_all:
        values = {"organizations": values["organizations"]}
    found = session.execute(_CANDIDATES if looks_for_all else _ORGANIZATIONS, values)
    return [
        KnownContact(dict(zip(FIELDS, fields, strict=True)), row_id, version, employer)
        for row_id, version, employer, *fields in found
    ]


def additions(known: KnownContact, values: Values) -> Values:
    """Return what these values add to the contact; nothing it has is replaced."""
    before = known.values
    added = {name: values[name] for name in _FILLED if values[name] and not before[name]}
    added |= _name(before, values)
    emails = _missing(before["emails"], values["emails"], _email_key)
    phones = _missing(before["phones"], values["phones"], _phone_key)
    tags = [tag for tag in values["tags"] if tag not in before["tags"]]
    custom = {name: value for name, value in values["custom"].items() if name not in before["custom"]}
    if emails:
        added["emails"] = [*before["emails"], *emails]
    if phones:
        added["phones"] = [*before["phones"], *phones]
    if tags:
        added["tags"] = [*before["tags"], *tags]
    if custom:
        added["custom"] = {**before["custom"], **custom}
    return added


def _name(before: Values, values: Values) -> Values:
    """Return parts of the same name, or a whole name for a contact known only by its address or number."""
    channels = {entry["value"] for entry in (*before["emails"], *before["phones"])}
    if before["name"] in channels and values["name"] not in channels:
        return {name: values[name] for name in ("name", *_NAME_PARTS)}
    if before["name_key"] != values["name_key"]:
        return {}
    return {name: values[name] for name in _NAME_PARTS if values[name] and not before[name]}


def _missing(before: Sequence[Values], given: Sequence[Values], key: Any) -> list[Values]:
    present = {key(entry) for entry in before}
    return [
        {**entry, "is_primary": not before and entry["is_primary"]}
        for entry in given
        if key(entry) not in present
    ]


def _email_key(entry: Mapping[str, Any]) -> str:
    return str(entry["value"]).casefold()


def _phone_key(entry: Mapping[str, Any]) -> str:
    return str(entry.get("e164") or re.sub("[^0-9]", "", entry["value"]))


def _all_of(rows: Sequence[Row], name: str) -> list[str]:
    return sorted({key for row in rows for key in row.values[name]})
