"""What a row of an import adds to the contact that it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

from crmtenant.services.duplicates.identity import name_of
from crmtenant.services.entities.change import Values
from crmtenant.text.compared_names import is_fuller
from crmtenant.text.emails import email_key
from crmtenant.text.person_names import NAME_PARTS, full_name

_FILLED = (
    *("nickname", "job_title", "department", "addresses", "urls", "birthday", "note", "owner_id", "source"),
)
_TITLES = ("prefix", "suffix")
_TOLD = ("nickname", "job_title", "department", "birthday", "note")
FIELDS = (
    *("kind", "name", *NAME_PARTS, "organization_id", "emails", "phones", "tags", "custom", *_FILLED),
    *("name_key", "match_key", "email_keys", "phone_keys", "source_keys", "countries"),
)


def additions(before: Values, values: Values) -> Values:
    """Return what these values add to a contact with those before; nothing it has is replaced.

    Only a name is, by one that agrees with it and says more: "A. Berg" becomes "Anna Berg".
    """
    added = {name: values[name] for name in _FILLED if values[name] and not before[name]}
    added |= _name(before, values)
    emails = _missing(before["emails"], values["emails"], _is_among_emails(before))
    phones = _missing(before["phones"], values["phones"], _is_among_phones(before))
    tags = [tag for tag in values["tags"] if tag not in before["tags"]]
    custom = {name: value for name, value in values["custom"].items() if name not in before["custom"]}
    keys = [key for key in values["source_keys"] if key not in before["source_keys"]]
    for name, more in (("emails", emails), ("phones", phones), ("tags", tags), ("source_keys", keys)):
        if more:
            added[name] = [*before[name], *more]
    if custom:
        added["custom"] = {**before["custom"], **custom}
    return added


def says_nothing_new(before: Values, values: Values) -> bool:
    """Return whether the contact has all that these values say, or says it more fully.

    Who owns it and where it came from does not tell contacts apart.
    """
    return (
        all(not values[name] or values[name] == before[name] for name in _TOLD)
        and all(_plain(entry) in map(_plain, before["addresses"]) for entry in values["addresses"])
        and {entry["value"] for entry in values["urls"]} <= {entry["value"] for entry in before["urls"]}
        and all(map(_is_among_emails(before), values["emails"]))
        and all(map(_is_among_phones(before), values["phones"]))
        and set(values["tags"]) <= set(before["tags"])
        and all(before["custom"].get(name) == value for name, value in values["custom"].items())
        and not is_fuller(name_of(values), name_of(before))
    )


def _name(before: Values, values: Values) -> Values:
    """Return the whole name where it says more, or the parts that the contact's own name lacks."""
    known, given = name_of(before), name_of(values)
    if before["kind"] == "organization" or not given.whole:
        return {}
    if is_fuller(given, known):
        return _fuller_name(before, values)
    if given.words != known.words:
        return {}
    parts = {name: values[name] for name in NAME_PARTS if values[name] and not before[name]}
    if not parts or before["name"] != full_name(before):
        return parts
    return {**parts, "name": full_name({**before, **parts})}


def _fuller_name(before: Values, values: Values) -> Values:
    """Return the name of the row with its parts; titles stay."""
    if not any(values[name] for name in NAME_PARTS):
        return {"name": values["name"]}
    parts = {name: values[name] or (before[name] if name in _TITLES else None) for name in NAME_PARTS}
    is_derived = values["name"] == full_name(values)
    return {**parts, "name": full_name(parts) if is_derived else values["name"]}


def _missing(
    before: Sequence[Values], given: Sequence[Values], is_among: Callable[[Values], bool]
) -> list[Values]:
    return [
        {**entry, "is_primary": not before and entry["is_primary"]} for entry in given if not is_among(entry)
    ]


def _is_among_emails(before: Values) -> Callable[[Values], bool]:
    keys = set(before["email_keys"])
    return lambda entry: email_key(entry["value"]) in keys


def _is_among_phones(before: Values) -> Callable[[Values], bool]:
    keys = {key for entry in before["phones"] for key in _phone_keys(entry)}
    return lambda entry: not keys.isdisjoint(_phone_keys(entry))


def _phone_keys(entry: Mapping[str, Any]) -> Set[str]:
    """Return the dialled number, or the digits of one nobody can dial."""
    return {str(entry.get("e164") or re.sub("[^0-9]", "", entry["value"]))}


def _plain(entry: Values) -> Values:
    """Return the parts of an address, without what it is called and whether it comes first."""
    return {name: value for name, value in entry.items() if value and name not in {"label", "is_primary"}}
