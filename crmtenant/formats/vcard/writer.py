"""Write contacts as vCard 4.0 (RFC 6350). Fields that vCard does not have go into X- properties, so nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

import orjson

from crmtenant.formats.vcard.contact import LABEL, PRODID, X_CUSTOM, X_OWNER, X_SOURCE

Json = Mapping[str, Any]

LONGEST_LINE = 75
"""Octets, without the line break (RFC 6350 section 3.2)."""

_TYPES = {"home": "home", "work": "work"}
_PHONE_TYPES = {**_TYPES, "mobile": "cell", "fax": "fax", "pager": "pager"}
_PROPERTIES = (("emails", "EMAIL", _TYPES), ("phones", "TEL", _PHONE_TYPES), ("urls", "URL", _TYPES))
_ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country")
_CARET = {"^": "^^", "\n": "^n", '"': "^'"}


def vcards(contacts: Iterable[Json]) -> Iterator[str]:
    """Yield one vCard at a time, to be sent as UTF-8.

    Each contact is its JSON, with the name of its organisation as `organization` and the `uid` it came with, if any.
    """
    for contact in contacts:
        yield "".join(f"{folded(line)}\r\n" for line in _lines(contact))


def folded(line: str) -> str:
    """Return the line folded after at most 75 octets, never inside a character."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > LONGEST_LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece += character
        size += width
    return "\r\n".join([*pieces, piece])


def _lines(contact: Json) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", f"PRODID:{PRODID}")
    if contact.get("uid"):
        yield f"UID:{_escaped(contact['uid'])}"
    yield f"KIND:{'org' if contact['kind'] == 'organization' else 'individual'}"
    yield f"FN:{_escaped(contact['name'])}"
    yield from _name(contact)
    for field, name in (("nickname", "NICKNAME"), ("job_title", "TITLE"), ("note", "NOTE")):
        if contact.get(field):
            yield f"{name}:{_escaped(contact[field])}"
    yield from _organization(contact)
    yield from _entries(contact)
    if contact.get("birthday"):
        yield f"BDAY:{str(contact['birthday']).replace('-', '')}"
    if contact.get("tags"):
        yield f"CATEGORIES:{','.join(map(_escaped, contact['tags']))}"
    yield from _extensions(contact)
    yield "END:VCARD"


def _name(contact: Json) -> Iterator[str]:
    parts = [
        contact.get(part) or "" for part in ("family_name", "given_name", "middle_name", "prefix", "suffix")
    ]
    if any(parts):
        yield f"N:{';'.join(map(_escaped, parts))}"


def _organization(contact: Json) -> Iterator[str]:
    name, department = contact.get("organization") or "", contact.get("department") or ""
    if name or department:
        yield f"ORG:{_escaped(name)}" + (f";{_escaped(department)}" if department else "")


def _entries(contact: Json) -> Iterator[str]:
    groups = map("item{}".format, count(1))
    for field, name, types in _PROPERTIES:
        for entry in contact.get(field) or ():
            yield from _labelled(name, entry, types, _escaped(entry["value"]), groups)
    for address in contact.get("addresses") or ():
        parts = ";".join(_escaped(address.get(part) or "") for part in _ADDRESS_PARTS)
        yield from _labelled("ADR", address, _TYPES, f";;{parts}", groups)


def _labelled(
    name: str, entry: Json, types: Mapping[str, str], value: str, groups: Iterator[str]
) -> Iterator[str]:
    """Yield the property; a label that is no type goes with it as telephones, Google and Nextcloud read it."""
    label = entry.get("label") or ""
    primary = ";PREF=1" if entry.get("is_primary") else ""
    if not label or label in types:
        yield f"{name}{f';TYPE={types[label]}' if label else ''}{primary}:{value}"
        return
    group = next(groups)
    yield f'{group}.{name};{LABEL}="{_careted(label)}"{primary}:{value}'
    yield f"{group}.X-ABLabel:{_escaped(label)}"


def _extensions(contact: Json) -> Iterator[str]:
    if contact.get("custom"):
        yield f"{X_CUSTOM}:{_escaped(orjson.dumps(contact['custom']).decode())}"
    if contact.get("source"):
        yield f"{X_SOURCE}:{_escaped(contact['source'])}"
    if contact.get("owner_id"):
        yield f"{X_OWNER}:{_escaped(contact['owner_id'])}"


def _escaped(text: str) -> str:
    return re.sub(r"([\\,;])", r"\\\1", text).replace("\r\n", "\n").replace("\n", "\\n")


def _careted(text: str) -> str:
    """Return a parameter's value, encoded for use in quotes (RFC 6868)."""
    return re.sub('[\\^\n"]', lambda found: _CARET[found[0]], text)
