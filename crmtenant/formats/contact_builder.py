"""Build a contact from the values of a row or vCard, one at a time."""

from __future__ import annotations

from typing import Any

import orjson

from crmtenant.formats.blanks import is_blank
from crmtenant.formats.contact_paths import CUSTOM, ENTRY_PARTS, MORE, ORGANIZATION, TAGS, Target
from crmtenant.formats.dates import APPLE_NO_YEAR, day_of, day_of_serial, has_no_year, without_year
from crmtenant.formats.entries import (
    DistinctEntries,
    keep_first_primary,
    tags_in,
    take_country_from_street,
    values_in,
)
from crmtenant.formats.parsed_contact import Oddity, ParsedContact
from crmtenant.formats.values import (
    LARGEST_CUSTOM_SIZE,
    MOST_CUSTOM_FIELDS,
    is_true,
    is_worth_keeping,
    label_of,
    link_of,
)
from crmtenant.text.countries import country_code
from crmtenant.text.tokens import fold

BIRTHDAY = "birthday"
"""The field, and the custom field that keeps a birthday without its year."""
PERSON_FIELDS = ("name", "given_name", "middle_name", "family_name", "nickname")
MOST_LITERAL_FIELDS = 100
"""Custom fields of a contact that is taken exactly as it is; with one more it is refused, as with many more."""
_STREET_LINES = ("street", "street_line", "po_box")
_MULTILINE = {("note", ""), (TAGS, ""), *(("addresses", part) for part in (*_STREET_LINES, "formatted"))}
_ORGANIZATION_KINDS = frozenset({"organization", "organisation", "company", "firma", "unternehmen"})
_IGNORED_TAGS = frozenset({"myContacts", "My Contacts"})  # every contact of Google and Android has them
_PERSON_KINDS = frozenset({"person", "individual", "contact", "kontakt"})


class ContactBuilder:
    """Takes values with their targets, in the order of the file; `build` makes the contact of them.

    `is_literal` marks our own exports, whose values are taken exactly as they are.
    """

    def __init__(self, row: int, region: str | None = None, *, is_literal: bool = False) -> None:
        self._row = row
        self._region = region
        self._is_literal = is_literal
        self._scalars: dict[str, str] = {}
        self._entries: dict[tuple[str, str], dict[str, Any]] = {}
        self._tags: list[str] = []
        self._custom: dict[str, Any] = {}
        self._notes: list[str] = []
        self._distinct: dict[str, DistinctEntries] = {}
        self._addresses: set[frozenset[tuple[str, Any]]] = set()
        self._more: dict[str, list[dict[str, Any]]] = {}
        self._oddities: list[Oddity] = []

    def put(self, target: Target, value: str, name: str) -> None:
        """Set the target to the value, or a custom field named after the column if the target has a value."""
        if not self._is_literal and is_blank(target.field, value):
            return
        if target.field == CUSTOM and target.part:
            self.keep(target.part, value)
            return
        if not self._is_literal and (target.field, target.part) not in _MULTILINE:
            value = " ".join(value.split())
        if target.field == TAGS:
            for tag in tags_in(value, is_literal=self._is_literal):
                self.tag(tag)
        elif target.field in {CUSTOM, MORE}:
            self._put_json(target.field, value)
        elif target.slot or target.part:
            self._put_entry(target, value, name)
        else:
            self._put_scalar(target.field, value, name)

    def tell(self, oddity: Oddity) -> None:
        """Tell of a value that was taken, though it may be wrong."""
        self._oddities.append(oddity)

    def tag(self, value: str) -> None:
        """Add a tag."""
        if value and value not in _IGNORED_TAGS:
            self._tags.append(value)

    def label(self, field: str, slot: str, label: str) -> None:
        """Set the label of an entry, exactly as it is."""
        self._entries[field, slot] = {"label": label}

    def keep(self, name: str, value: str) -> None:
        """Keep a value without a target as a custom field, if a person would read it."""
        if not value or not self._has_room_for(value):
            return
        unused = name
        number = 2
        while unused in self._custom:
            if self._custom[unused] == value:
                return
            unused = f"{name[:58]} ({number})"
            number += 1
        self._custom[unused] = value

    def build(self) -> ParsedContact:
        """Return the contact: a person, or an organisation if no person is named."""
        contact: dict[str, Any] = {
            field: value for field, value in self._scalars.items() if field != ORGANIZATION
        }
        if self._notes:
            contact["note"] = "\n".join(self._notes)
        for (field, _), entry in self._entries.items():
            self._add_entry(contact, field, entry)
        for field, entries in self._more.items():
            contact.setdefault(field, []).extend(entries)
        organization = self._scalars.get(ORGANIZATION)
        if not self._is_literal:
            keep_first_primary(contact)
            organization = self._settle_kind(contact, organization)
        if self._tags:
            contact["tags"] = list(dict.fromkeys(self._tags))
        if self._custom:
            contact["custom"] = self._custom
        return ParsedContact(self._row, contact, organization, oddities=self._oddities)

    def _has_room_for(self, value: str) -> bool:
        if self._is_literal:
            return len(self._custom) <= MOST_LITERAL_FIELDS
        size = sum(len(str(kept)) for kept in self._custom.values())
        is_room = len(self._custom) < MOST_CUSTOM_FIELDS and size + len(value) <= LARGEST_CUSTOM_SIZE
        return is_room and is_worth_keeping(value)

    def _put_scalar(self, field: str, value: str, name: str) -> None:
        if field == "birthday" and not self._is_literal:
            day = self._birthday(value, name)
            if day is None:
                return
            value = day
        if field == "note":
            if self._notes != [value]:
                self._notes.append(value)
        elif self._scalars.setdefault(field, value) != value:
            self.keep(name, value)

    def _birthday(self, value: str, name: str) -> str | None:
        """Return the day, None if there is none to set; what is not understood stays as it is."""
        counted = day_of_serial(value)
        if counted:
            self.keep(name, value)
            self.tell(Oddity("/birthday", "guessed_date", f"This was read as {counted}.", name, value))
            return counted
        if has_no_year(value):
            self.keep(BIRTHDAY, value)
            if not value.startswith("--"):
                self.tell(Oddity("/birthday", "no_year", "The year is missing.", name, value))
            return None
        day = day_of(value, self._region)
        if day and day.startswith(f"{APPLE_NO_YEAR}-"):
            self.keep(BIRTHDAY, without_year(day))
            return None
        return day

    def _put_entry(self, target: Target, value: str, name: str) -> None:
        entry = self._entries.setdefault((target.field, target.slot), {"label": target.label})
        part = target.part
        if part == "is_primary":
            entry[part] = is_true(value)
        elif part == "label" and not self._is_literal:
            entry[part] = label_of(value) or entry["label"]
        elif part in _STREET_LINES and not self._is_literal:
            entry["street"] = "\n".join(filter(None, (entry.get("street"), value)))
        elif entry.get(part) is None:
            entry[part] = value
        elif entry[part] != value:
            self.keep(name, value)

    def _put_json(self, field: str, value: str) -> None:
        """Set what our own export writes as JSON because it has no column of its own."""
        try:
            found = orjson.loads(value)
        except orjson.JSONDecodeError:
            found = None
        if field == CUSTOM and isinstance(found, dict):
            self._custom.update(found)
        elif field == MORE and _is_more(found):
            self._more = found
        else:
            self.keep(field, value)
            self.tell(Oddity(f"/{field}", "invalid_json", "This must be a JSON object.", field, value))

    def _add_entry(self, contact: dict[str, Any], field: str, entry: dict[str, Any]) -> None:
        if self._is_literal:
            filled = {part: value for part, value in entry.items() if value is not None}
            if filled.keys() - {"label", "is_primary"}:
                contact.setdefault(field, []).append(filled)
        elif field == "addresses":
            self._add_address(contact, entry)
        else:
            self._add_values(contact, field, entry)

    def _add_values(self, contact: dict[str, Any], field: str, entry: dict[str, Any]) -> None:
        kept = self._distinct.setdefault(field, DistinctEntries())
        for value in values_in(field, entry.get("value") or ""):
            link = link_of(value) if field == "urls" else value
            if link is None:
                self.keep("link", value)
            else:
                kept.add({**{k: v for k, v in entry.items() if v is not None}, "value": link})
        if kept.all:
            contact[field] = kept.all

    def _add_address(self, contact: dict[str, Any], entry: dict[str, Any]) -> None:
        parts = {part: value for part, value in entry.items() if value is not None}
        house_number, formatted = parts.pop("house_number", None), parts.pop("formatted", None)
        if house_number:
            parts["street"] = f"{parts.get('street', '')} {house_number}".strip()
        if formatted and not parts.keys() - {"label", "is_primary"}:
            parts["street"] = formatted
        take_country_from_street(parts)
        self._settle_country(parts)
        facts = frozenset(parts.items())
        if parts.keys() - {"label", "is_primary"} and facts not in self._addresses:
            self._addresses.add(facts)
            contact.setdefault("addresses", []).append(parts)

    def _settle_country(self, parts: dict[str, Any]) -> None:
        """Replace the country by its code. An unknown one, such as Yugoslavia, becomes a custom field."""
        named = parts.pop("country", None)
        if not named:
            return
        code = country_code(named)
        if code:
            parts["country"] = code
        else:
            self.keep("country", named)

    def _settle_kind(self, contact: dict[str, Any], organization: str | None) -> str | None:
        """Decide whether the contact is a person or an organisation; return the name of its organisation."""
        kind = fold(contact.pop("kind", "")).strip()
        company_name = organization or contact.get("name")
        names_a_person = any(contact.get(field) for field in PERSON_FIELDS)
        is_company = kind in _ORGANIZATION_KINDS or (kind not in _PERSON_KINDS and is_true(kind))
        is_one = organization is not None and fold(contact.get("name") or "") == fold(organization)
        if (is_company and company_name) or is_one or (organization and not names_a_person):
            return self._settle_organization(contact, organization)
        contact["kind"] = "person"
        if organization and contact.get("name", "").startswith(f"{organization}, "):
            contact["name"] = contact["name"].removeprefix(f"{organization}, ")  # Odoo's display name
        if not names_a_person:
            self._name_after_channel(contact)
        return organization

    def _settle_organization(self, contact: dict[str, Any], organization: str | None) -> str | None:
        contact["kind"] = "organization"
        own_name = str(contact.setdefault("name", organization))
        return organization if organization and fold(own_name) != fold(organization) else None

    def _name_after_channel(self, contact: dict[str, Any]) -> None:
        """Name a person without a name after the first address or number."""
        channels = [*contact.get("emails", ()), *contact.get("phones", ())]
        if channels:
            contact["name"] = channels[0]["value"]


def _is_more(found: Any) -> bool:
    """Return whether this is what our own export writes when a contact has more entries than columns."""
    return isinstance(found, dict) and all(
        name in ENTRY_PARTS and isinstance(entries, list) for name, entries in found.items()
    )
