"""Who is the same: the one rule by which imports, the hint on creating a contact and whoever looks for duplicates decide.

Two contacts of one kind are the same when they have the same UID; otherwise when they share an e-mail address, a
telephone number or another program's key, and their names do not contradict each other (`text/compared_names.py`).
Another name at a shared address is another contact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from crmtenant.services.duplicates.name_index import NameIndex
from crmtenant.text.compared_names import ComparedName, agree, compared
from crmtenant.text.tokens import fold

T = TypeVar("T")

UID = "uid:"
"""What a key begins with that is unique in the world, such as the UID of a vCard."""
_OWN_KEY = "id:"
_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SHORTEST_UID = 8
LONGEST_SOURCE_KEY = 500
MOST_SOURCE_KEYS = 50

# Columns by which other programs tell their records apart. Two programs may count from 1.
_KEY_COLUMNS = frozenset(
    fold(name)
    for name in (
        *("id", "uid", "guid", "uuid", "external id", "externalid", "external_id", "record id", "recordid"),
        *("contact id", "contactid", "account id", "accountid", "lead id", "person id", "customer id"),
        *("customer number", "customer no", "customer no.", "contact number", "Kundennummer", "Kunden-Nr."),
        *("Kunden-Nr", "Kundennr", "Kundennr.", "Kontakt-ID", "Kunden-ID", "Datensatz-ID", "Adressnummer"),
    )
)


@dataclass(frozen=True, slots=True)
class Identity:
    """What tells a contact apart from others. `shared` are keys that several contacts may have in common."""

    kind: str
    name: ComparedName
    uids: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys by which the contact may be known."""
        return (*self.uids, *self.shared)


def identity_of(values: Mapping[str, Any]) -> Identity:
    """Return the identity of a contact with these columns."""
    sources = values["source_keys"]
    return Identity(
        values["kind"],
        name_of(values),
        tuple(key for key in sources if key.startswith(UID)),
        (
            *values["email_keys"],
            *values["phone_keys"],
            *(key for key in sources if not key.startswith(UID)),
        ),
    )


def name_of(values: Mapping[str, Any]) -> ComparedName:
    """Return the name for comparing; that of a person who is called by an address or number says nothing."""
    return compared(values["name"], is_organization=values["kind"] == "organization")


def source_keys(uids: Iterable[str], custom: Mapping[str, Any]) -> list[str]:
    """Return the keys of a contact from a file: its UIDs, and what another program tells its records apart by.

    A short UID is taken for the latter: a program that counts from 1 is not the only one.
    """
    plain = [uid.strip().casefold().removeprefix("urn:uuid:") for uid in uids]
    given = [f"{UID}{uid}" if len(uid) >= SHORTEST_UID else f"{_OWN_KEY}uid={uid}" for uid in plain if uid]
    own = [
        f"{_OWN_KEY}{fold(name)}={value.strip()}"
        for name, value in custom.items()
        if isinstance(value, str) and value.strip() and fold(name) in _KEY_COLUMNS
    ]
    return [key for key in (*given, *own) if len(key) <= LONGEST_SOURCE_KEY][:MOST_SOURCE_KEYS]


def uid_of(keys: Iterable[str]) -> str | None:
    """Return the UID among these source keys that a vCard of the contact is given, or None."""
    uids = (key.removeprefix(UID) for key in keys if key.startswith(UID))
    return next((f"urn:uuid:{uid}" if _UUID.fullmatch(uid) else uid for uid in uids), None)


def are_same(one: Identity, other: Identity) -> bool:
    """Return whether the two are one contact."""
    if one.kind != other.kind:
        return False
    if set(one.uids) & set(other.uids):
        return True
    return bool(set(one.shared) & set(other.shared)) and agree(one.name, other.name)


class IdentityIndex(Generic[T]):
    """Things by their identity. Finding takes the same time however many of them share an address."""

    def __init__(self) -> None:
        self._by_uid: dict[tuple[str, str], T] = {}
        self._sharing: dict[tuple[str, str], NameIndex[T]] = {}

    def add(self, identity: Identity, item: T, *, only: Iterable[str] | None = None) -> None:
        """Add the item, below all its keys or only below these. Adding it again adds new keys and names."""
        kind = identity.kind
        for uid in identity.uids if only is None else ():
            self._by_uid.setdefault((kind, uid), item)
        for key in identity.shared if only is None else only:
            self._sharing.setdefault((kind, key), NameIndex()).add(identity.name, item)

    def same(self, identity: Identity) -> list[T]:
        """Return those that are the same contact, the first added first, at most 20 for each key."""
        kind = identity.kind
        for uid in identity.uids:
            if (kind, uid) in self._by_uid:
                return [self._by_uid[kind, uid]]
        found = (item for names in self._at(identity) for item in names.agreeing(identity.name))
        return list({id(item): item for item in found}.values())

    def sharing(self, identity: Identity) -> tuple[str, T] | None:
        """Return an e-mail address or number, and who has it in common, whatever the name; None if nobody has."""
        for key in identity.shared:
            names = self._sharing.get((identity.kind, key))
            if names is not None and not key.startswith(_OWN_KEY):
                return key, names.first
        return None

    def _at(self, identity: Identity) -> Iterator[NameIndex[T]]:
        places = (self._sharing.get((identity.kind, key)) for key in identity.shared)
        return (names for names in places if names is not None)
