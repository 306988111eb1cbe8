"""Entries of a contact's lists: what one cell holds, and what two of them have in common."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import Any

from crmtenant.formats.contact_paths import ENTRY_PARTS
from crmtenant.text.countries import country_code

_LONGEST_ADDRESSES = 2000
_MOST_COMMENTS = 20
"""Of addresses with names (RFC 5322), whose comments may be nested; `email.utils` takes its time for them."""


def tags_in(value: str, *, is_literal: bool) -> list[str]:
    if is_literal:
        return [re.sub(r"\\(.)", r"\1", part) for part in re.findall(r"(?:\\.|[^\\,])+", value)]
    return [part.strip().removeprefix("* ") for part in re.split(r":::|[,;|\n]", value)]


def values_in(field: str, text: str) -> list[str]:
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
    if len(text) > _LONGEST_ADDRESSES or text.count("(") > _MOST_COMMENTS:
        return [text]
    found = [address for _, address in getaddresses([text.replace(";", ",")])]
    is_list = all(re.fullmatch(r"[^@\s]+@[^@\s]+", address) for address in found)
    return [address.removeprefix("mailto:") for address in found] if found and is_list else [text]


class DistinctEntries:
    """The entries of a list, each once. The same number may be a telephone and a fax, told by their labels."""

    def __init__(self) -> None:
        self.all: list[dict[str, Any]] = []
        self._by_value: dict[str, dict[str | None, dict[str, Any]]] = {}
        self._has_primary = False

    def add(self, entry: dict[str, Any]) -> None:
        """Add the entry unless it is there."""
        same = self._by_value.setdefault(entry["value"], {})
        label = entry.get("label") or None
        is_primary = bool(entry.get("is_primary"))
        if not same or (label and not {None, label} & same.keys()):
            same[label] = entry
            self.all.append(entry)
        else:
            if label and None in same:
                same[label] = same.pop(None)
                same[label]["label"] = label
            if is_primary and not self._has_primary:
                next(iter(same.values()))["is_primary"] = True
        self._has_primary |= is_primary


def take_country_from_street(parts: dict[str, Any]) -> None:
    """Split off the country, which often is the last line of an address given in one piece."""
    if parts.keys() - {"label", "is_primary"} != {"street"}:
        return
    *lines, last = parts["street"].split("\n")
    code = country_code(last) if lines and len(last.strip()) > 2 else None
    if code:
        parts["street"], parts["country"] = "\n".join(lines), code


def keep_first_primary(contact: dict[str, Any]) -> None:
    """Keep the first primary entry of each list; telephones mark several as preferred."""
    for field in ENTRY_PARTS:
        primaries = [entry for entry in contact.get(field, ()) if entry.get("is_primary")]
        for entry in primaries[1:]:
            entry["is_primary"] = False
