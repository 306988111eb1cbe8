"""Build a contact from the values of a row or vCard, one at a time."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Any

import orjson

from crmtenant.errors import FieldError
from crmtenant.formats.contact_paths import CUSTOM, MORE, ORGANIZATION, TAGS, Target
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.values import (
    LARGEST_CUSTOM_SIZE,
    MOST_CUSTOM_FIELDS,
    day_of,
    has_no_year,
    is_true,
    is_worth_keeping,
    label_of,
    link_of,
)
from crmtenant.text.countries import country_code
from crmtenant.text.tokens import fold

PERSON_FIELDS = ("name", "given_name", "middle_name", "family_name", "nickname")
_LISTS = ("emails", "phones", "urls")
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
        self._more: dict[str, list[dict[str, Any]]] = {}
        self._field_errors: list[FieldError] = []

    def put(self, target: Target, value: str, name: str) -> None:
        """Set the target to the value, or a custom field named after the column if the target has a value."""
        if target.field == CUSTOM and target.part:
            self.keep(target.part, value)
            return
        if not self._is_literal and (target.field, target.part) not in _MULTILINE:
            value = " ".join(value.split())
        if target.field == TAGS:
            for tag in _tags(value, is_literal=self._is_literal):
                self.tag(tag)
        elif target.field in {CUSTOM, MORE}:
            self._put_json(target.field, value)
        elif target.slot or target.part:
            self._put_entry(target, value, name)
        else:
            self._put_scalar(target.field, value, name)

    def tag(self, value: str) -> None:
        """Add a tag."""
        if value and value not in _IGNORED_TAGS:
            self._tags.append(value)

    def label(self, field: str, slot: str, label: str) -> None:
        """Set the label of an entry, exactly as it is."""
        self._entries[field, slot] = {"label": label}

    def keep(self, name: str, value: str) -> None:
        """Keep a value without a target as a custom field, if a person would read it."""
        if not value or (not self._is_literal and not is_worth_keeping(value)):
            return
        unused = name
        number = 2
        while unused in self._custom:
            if self._custom[unused] == value:
                return
            unused = f"{name[:58]} ({number})"
            number += 1
        if self._is_literal or self._has_room_for(value):
            self._custom[unused] = value

    def build(self) -> ParsedContact:
        """Return the contact: a person, or an organisation if no person is named."""
        contact: dict[str, Any] = {
            field: value for field, value in self._scalars.items() if field != ORGANIZATION
        }
        for (field, _), entry in self._entries.items():
            self._add_entry(contact, field, entry)
        for field, entries in self._more.items():
            contact.setdefault(field, []).extend(entries)
        organization = self._scalars.get(ORGANIZATION)
        if not self._is_literal:
            _keep_first_primary(contact)
            organization = self._settle_kind(contact, organization)
        if self._tags:
            contact["tags"] = list(dict.fromkeys(self._tags))
        if self._custom:
            contact["custom"] = self._custom
        return ParsedContact(self._row, contact, organization, self._field_errors)

    def _has_room_for(self, value: str) -> bool:
        size = sum(map(len, self._custom.values()))
        return len(self._custom) < MOST_CUSTOM_FIELDS and size + len(value) <= LARGEST_CUSTOM_SIZE

    def _put_scalar(self, field: str, value: str, name: str) -> None:
        if field == "birthday" and not self._is_literal:
            day = None if has_no_year(value) else day_of(value, self._region)
            if day is None:
                self.keep("birthday", value) if has_no_year(value) else None
                return
            value = day
        taken = self._scalars.setdefault(field, value)
        if taken == value:
            return
        if field == "note":
            self._scalars[field] = f"{taken}\n{value}"
        else:
            self.keep(name, value)

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
        if not isinstance(found, dict):
            self._field_errors.append(FieldError(f"/{field}", "invalid_json", "This must be a JSON object."))
        elif field == CUSTOM:
            self._custom.update(found)
        elif not all(
            isinstance(entries, list) and name in (*_LISTS, "addresses") for name, entries in found.items()
        ):
            self._field_errors.append(
                FieldError(
                    "/more",
                    "invalid_json",
                    "This must hold lists of e-mail addresses, phone numbers and the like.",
                )
            )
        else:
            self._more = found

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
        kept = contact.setdefault(field, [])
        for value in _values(field, entry.get("value") or ""):
            link = link_of(value) if field == "urls" else value
            if link is None:
                self.keep("link", value)
            elif all(other["value"] != link for other in kept):
                kept.append({**{k: v for k, v in entry.items() if v is not None}, "value": link})
        if not kept:
            del contact[field]

    def _add_address(self, contact: dict[str, Any], entry: dict[str, Any]) -> None:
        parts = {part: value for part, value in entry.items() if value is not None}
        house_number, formatted = parts.pop("house_number", None), parts.pop("formatted", None)
        if house_number:
            parts["street"] = f"{parts.get('street', '')} {house_number}".strip()
        if formatted and not parts.keys() - {"label", "is_primary"}:
            parts["street"] = formatted
        _take_country_from_street(parts)
        self._settle_country(parts)
        if parts.keys() - {"label", "is_primary"} and parts not in contact.get("addresses", ()):
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


def _tags(value: str, *, is_literal: bool) -> list[str]:
    if is_literal:
        return [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:\\.|[^\\,])+", value)]
    parts = (part.strip().removeprefix("* ") for part in re.split(r"\s*:::\s*|[,;|\n]", value))
    return list(parts)


def _values(field: str, text: str) -> list[str]:
    """Return the values of a cell. Google separates several by `:::`, people by commas."""
    parts = [part.strip() for part in text.split(":::")]
    if field == "emails":
        parts = [address for part in parts for address in _addresses(part)]
    return [part for part in parts if part]


def _addresses(text: str) -> list[str]:
    """Return the addresses in a cell such as `a@x.org; Anna <b@x.org>`, or the cell if it is not such a list."""
    if re.fullmatch(r"[^@\s<>,;:]+@[^@\s<>,;:]+", text):
        return [text]
    words = [word for word in re.split(r"[;,\s]+", text) if word]
    if len(words) > 1 and all("@" in word for word in words):
        return words
    found = [address for _, address in getaddresses([text.replace(";", ",")])]
    is_list = all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for address in found)
    return [address.removeprefix("mailto:") for address in found] if found and is_list else [text]


def _take_country_from_street(parts: dict[str, Any]) -> None:
    """Split off the country, which often is the last line of an address given in one piece."""
    if parts.keys() - {"label", "is_primary"} != {"street"}:
        return
    *lines, last = parts["street"].split("\n")
    code = country_code(last) if lines and len(last.strip()) > 2 else None
    if code:
        parts["street"], parts["country"] = "\n".join(lines), code


def _keep_first_primary(contact: dict[str, Any]) -> None:
    """Keep the first primary entry of each list; telephones mark several as preferred."""
    for field in (*_LISTS, "addresses"):
        primaries = [entry for entry in contact.get(field, ()) if entry.get("is_primary")]
        for entry in primaries[1:]:
            entry["is_primary"] = False
