"""What a contact is sorted, found and recognised by, made of what was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from crmtenant.schemas.fields.contact_points import national_number, phone_keys
from crmtenant.services.duplicates.identity import name_of
from crmtenant.text.emails import email_key
from crmtenant.text.person_names import NAME_PARTS
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import fold

LONGEST_KEY = 200
"""Characters of a sort key: an index entry of PostgreSQL holds 2,700 bytes."""

Values = Mapping[str, Any]


def keys_of(contact: Values, organization: str | None = None) -> dict[str, Any]:
    """Return the derived columns of a contact with these columns.

    `organization` is the name of the contact's organisation, so that its people are found by it.
    """
    return {**matching_keys(contact), "search": search_of(contact, organization)}


def matching_keys(contact: Values) -> dict[str, Any]:
    """Return the derived columns but for `search`, which is most of the work."""
    countries = (address.get("country") for address in contact["addresses"])
    return {
        "name_key": fold(contact["name"] or "")[:LONGEST_KEY],
        "match_key": name_of(contact).match_key if contact["name"] else "",
        "email_keys": _distinct(email_key(email["value"]) for email in contact["emails"]),
        "phone_keys": _distinct(
            key for phone in contact["phones"] for key in phone_keys(phone["value"], phone["e164"])
        ),
        "countries": _distinct(country for country in countries if country),
    }


def search_of(contact: Values, organization: str | None) -> list[str]:
    """Return the tokens that the contact is found by."""
    parts = (contact[part] for part in NAME_PARTS)
    cities = (address.get("city") for address in contact["addresses"])
    places = (
        address.get(part) for address in contact["addresses"] for part in ("postal_code", "street", "region")
    )
    links = (url["value"].partition(":")[2] for url in contact["urls"])
    emails = (email["value"] for email in contact["emails"])
    details = (contact["job_title"], contact["department"], *contact["tags"], *places, *links)
    return search_tokens(
        *(contact["name"], *parts, contact["nickname"], organization, *emails, *cities),
        phones=_phone_texts(contact["phones"]),
        details=(*details, *_texts_in(contact["custom"])),
        text=contact["note"],
        is_organization=contact["kind"] == "organization",
    )


def _phone_texts(phones: Iterable[Values]) -> Iterator[str]:
    for phone in phones:
        yield phone["value"]
        yield from phone_keys(phone["value"], phone["e164"])
        if phone["e164"]:
            yield national_number(phone["e164"])


def _texts_in(custom: Values) -> Iterator[str]:
    for value in custom.values():
        yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, str))


def _distinct(keys: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(keys))
