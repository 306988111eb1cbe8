"""The columns of a contact to which an import added, made of parts that were checked before.

Checking all of it again, as `ContactDraft` does, costs several times as much, and finds nothing but what is told here:
that there is more than a contact may have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from crmtenant.schemas.crm.contact import WRITABLE, country_of
from crmtenant.schemas.crm.contact_keys import matching_keys, search_of
from crmtenant.schemas.crm.contact_lists import (
    MOST_ENTRIES,
    AddressEntry,
    EmailEntry,
    PhoneEntry,
    UrlEntry,
)
from crmtenant.schemas.fields.contact_points import e164_of
from crmtenant.schemas.fields.custom import LARGEST_SIZE, MOST_FIELDS, size_of
from crmtenant.schemas.fields.texts import LONGEST_NAME, MOST_TAGS

_PARTS = {
    name: entry.model_fields.keys()
    for name, entry in (
        ("emails", EmailEntry),
        ("phones", PhoneEntry),
        ("addresses", AddressEntry),
        ("urls", UrlEntry),
    )
}


def keeps_limits(values: Mapping[str, Any]) -> bool:
    """Return whether these columns, each of them valid, make a valid contact, for all that is plain to see."""
    custom = values["custom"]
    return (
        0 < len(values["name"] or "") <= LONGEST_NAME
        and len(values["tags"]) <= MOST_TAGS
        and len(custom) <= MOST_FIELDS
        and size_of(custom) <= LARGEST_SIZE
        and all(_is_list(values[name], parts) for name, parts in _PARTS.items())
    )


def joined(values: Mapping[str, Any], organization: str | None, region: str | None) -> dict[str, Any]:
    """Return the columns, derived ones included, `search` as a function. Numbers are dialled as in the country of the
    first address."""
    region = country_of(values["addresses"]) or region
    phones = [{**phone, "e164": e164_of(phone["value"], region)} for phone in values["phones"]]
    columns = {name: values[name] for name in WRITABLE} | {"phones": phones}
    return {**columns, **matching_keys(columns), "search": partial(search_of, columns, organization)}


def _is_list(entries: Sequence[Mapping[str, Any]], parts: Any) -> bool:
    """Return whether there are not too many, each has all parts, and one is primary."""
    return (
        len(entries) <= MOST_ENTRIES
        and all(entry.keys() == parts for entry in entries)
        and sum(entry["is_primary"] for entry in entries) == min(1, len(entries))
    )
