"""Which contact a row of an import is about, and what it adds to that contact."""

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
    """Whether one of the row's keys is among those sought.

    Not `&&`: with 500 keys that compares each with each, and neither PostgreSQL's planner nor the index's list
    of pending entries makes it cheap in the middle of an import. `= ANY` of so many is a look into a hash.
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
    """What is looked at of an incoming row."""

    values: Values
    organization: Values | None


class Known:
    """A contact there is, or will be when the chunk is written.

    `organization` is the one to link it to; `values` holds the id of the one it had.
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
        self.organization: Known | None = None
        self.is_changed = False
        self._organization_name = organization_name

    @property
    def organization_name(self) -> str | None:
        """What the contact's organisation is called."""
        return self.organization.values["name"] if self.organization else self._organization_name

    def change(self, values: Values) -> None:
        """Nothing comes back; these are the contact's columns now."""
        self.values, self.is_changed = values, True

    def linked_values(self) -> Values:
        """The columns, with the id of the organisation once that has one."""
        if self.organization is None:
            return self.values
        return {**self.values, "organization_id": self.organization.id}


class Matches:
    """The contacts the rows of a chunk may be about, by what they are recognised by. The oldest comes first."""

    def __init__(self, candidates: Iterable[Known]) -> None:
        self.all: list[Known] = []
        self._by_email: dict[tuple[str, str], list[Known]] = {}
        self._by_phone: dict[tuple[str, str, str], Known] = {}
        self._organizations: dict[str, Known] = {}
        for known in candidates:
            self.add(known)

    def add(self, known: Known) -> None:
        """Nothing comes back; later rows of the chunk may be about this contact."""
        self.all.append(known)
        self.index(known)

    def index(self, known: Known) -> None:
        """Nothing comes back; the contact is found by what it has now."""
        kind, name = known.values["kind"], known.values["name_key"]
        for email in known.values["email_keys"]:
            others = self._by_email.setdefault((kind, email), [])
            if known not in others:
                others.append(known)
        for phone in known.values["phone_keys"]:
            self._by_phone.setdefault((kind, name, phone), known)
        if kind == "organization":
            self._organizations.setdefault(name, known)

    def organization(self, name_key: str) -> Known | None:
        """The organisation of this name."""
        return self._organizations.get(name_key)

    def duplicate_of(self, values: Values) -> Known | None:
        """The contact these values are about: of several with the address, the one with the name too."""
        kind, name = values["kind"], values["name_key"]
        sharing = [known for email in values["email_keys"] for known in self._by_email.get((kind, email), ())]
        namesake = next((known for known in sharing if known.values["name_key"] == name), None)
        if sharing:
            return namesake or sharing[0]
        by_phone = (self._by_phone.get((kind, name, phone)) for phone in values["phone_keys"])
        found = next(filter(None, by_phone), None)
        return found or (self._organizations.get(name) if kind == "organization" else None)


def find_candidates(session: Session, rows: Sequence[Row], *, looks_for_all: bool) -> list[Known]:
    """The contacts the rows may be about and the organisations they name, locked, in one query."""
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
        Known(dict(zip(FIELDS, fields, strict=True)), row_id, version, employer)
        for row_id, version, employer, *fields in found
    ]


def additions(known: Known, values: Values) -> Values:
    """What these values add to the contact; nothing it has is replaced."""
    had = known.values
    added = {name: values[name] for name in _FILLED if values[name] and not had[name]}
    added |= _name(had, values)
    emails = _missing(had["emails"], values["emails"], _email_key)
    phones = _missing(had["phones"], values["phones"], _phone_key)
    tags = [tag for tag in values["tags"] if tag not in had["tags"]]
    custom = {name: value for name, value in values["custom"].items() if name not in had["custom"]}
    if emails:
        added["emails"] = [*had["emails"], *emails]
    if phones:
        added["phones"] = [*had["phones"], *phones]
    if tags:
        added["tags"] = [*had["tags"], *tags]
    if custom:
        added["custom"] = {**had["custom"], **custom}
    return added


def _name(had: Values, values: Values) -> Values:
    """The parts of the same name; and a whole name for a contact only known by its address or number."""
    channels = {entry["value"] for entry in (*had["emails"], *had["phones"])}
    if had["name"] in channels and values["name"] not in channels:
        return {name: values[name] for name in ("name", *_NAME_PARTS)}
    if had["name_key"] != values["name_key"]:
        return {}
    return {name: values[name] for name in _NAME_PARTS if values[name] and not had[name]}


def _missing(had: Sequence[Values], given: Sequence[Values], key: Any) -> list[Values]:
    present = {key(entry) for entry in had}
    return [
        {**entry, "is_primary": not had and entry["is_primary"]}
        for entry in given
        if key(entry) not in present
    ]


def _email_key(entry: Mapping[str, Any]) -> str:
    return str(entry["value"]).casefold()


def _phone_key(entry: Mapping[str, Any]) -> str:
    return str(entry.get("e164") or re.sub("[^0-9]", "", entry["value"]))


def _all_of(rows: Sequence[Row], name: str) -> list[str]:
    return sorted({key for row in rows for key in row.values[name]})
