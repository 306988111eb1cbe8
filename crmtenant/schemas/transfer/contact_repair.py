"""Make a good contact of a faulty one: what cannot be read is taken out, kept word for word, and told.

Kept is a value in a custom field of its column's name, or in the note where there is no room for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from crmtenant.errors import FieldError
from crmtenant.formats.contact_paths import ENTRY_PARTS, MOST_CUSTOM_NAME
from crmtenant.formats.dates import day_of
from crmtenant.formats.parsed_contact import Oddity, ParsedContact
from crmtenant.schemas.crm.contact_lists import MOST_ENTRIES
from crmtenant.schemas.fields.custom import LARGEST_SIZE, LONGEST_VALUE, MOST_FIELDS
from crmtenant.schemas.fields.texts import LONGEST_NAME, LONGEST_TEXT, MOST_TAGS
from crmtenant.schemas.transfer.contact_salvage import salvaged
from crmtenant.text.json_pointer import unescaped

Json = dict[str, Any]

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_CONTROL_IN_NOTE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]+")
MOST_KEPT_SINGLY = 100
"""Of the entries that are too many for a list; those beyond are kept together."""
_PARTLY = ("partly_read", "Only a part of this could be read; all of it is kept in a custom field.")


class Repair:
    """Repairs one contact, round by round; `contact` is the state of it, `oddities` what is to be told."""

    def __init__(self, parsed: ParsedContact, region: str | None) -> None:
        self.contact: Json = dict(parsed.contact)
        self.oddities: list[Oddity] = list(parsed.oddities)
        self._parsed = parsed
        self._region = region
        self._kept: set[tuple[str, str]] = set()
        self._texts: dict[str, str] = {}
        self._is_first_round = True

    def mend(self, field_errors: Iterable[FieldError]) -> bool:
        """Take out what has these errors; return whether anything changed, so that it is worth another look."""
        # One error of an entry a round, and the last entry first: taking one out moves those after it.
        by_place = {_place(error.pointer): error for error in field_errors}
        told_before = len(self.oddities)
        mended = [self._mend(by_place[place]) for place in sorted(by_place, reverse=True)]
        order = list(by_place)
        self.oddities[told_before:] = sorted(
            self.oddities[told_before:], key=lambda oddity: order.index(_place(oddity.pointer))
        )
        self._is_first_round = False
        return bool(mended) and all(mended) and not self._is_nameless()

    def told(self, error: FieldError) -> Oddity:
        """Return the error with the column and the value it is about."""
        if isinstance(error, Oddity):
            return error
        value = _at(self._parsed.contact, error.pointer)
        if not isinstance(value, str):
            return Oddity(error.pointer, error.code, error.detail)
        column, cell = self._parsed.origin(error.pointer, value)
        return Oddity(error.pointer, error.code, error.detail, column, cell)

    def set_aside(self, error: FieldError, value: str) -> None:
        """Keep and tell of a value that the contact comes without."""
        self._keep(error, error.pointer[1:], value)

    def _mend(self, error: FieldError) -> bool:
        field, *rest = error.pointer.split("/")[1:] or [""]
        if field in ENTRY_PARTS and field in self.contact:
            return self._mend_list(error, field, rest)
        if self._parsed.is_exact and field != "birthday":
            return False
        if field == "birthday":
            return self._mend_birthday(error)
        if field == "tags" and isinstance(self.contact.get(field), list):
            return self._mend_tags(error, rest)
        if field == "custom" and rest and isinstance(self.contact.get(field), dict):
            return self._mend_custom(error, unescaped("/".join(rest)))
        return isinstance(self.contact.get(field), str) and self._mend_text(error, field)

    def _mend_list(self, error: FieldError, field: str, rest: list[str]) -> bool:
        entries = self.contact[field]
        if not isinstance(entries, list):
            return False
        if not rest:
            return not self._parsed.is_exact and self._mend_whole_list(error, field)
        index = int(rest[0])
        entry = entries[index] if index < len(entries) else None
        part = rest[1] if len(rest) > 1 else ""
        if not isinstance(entry, dict) or not (part == "" or isinstance(entry.get(part), str)):
            return False
        if field == "addresses" or part != "value":
            return not self._parsed.is_exact and self._mend_part(error, field, index, part)
        self._replace_value(error, field, index)
        return True

    def _replace_value(self, error: FieldError, field: str, index: int) -> None:
        """Replace an e-mail address, number or link that is none by those in its text."""
        entries = self.contact[field]
        entry = entries[index]
        found = salvaged(field, entry["value"]) if self._is_first_round else None
        good = [{**entry, **values} for values in found.entries] if found else []
        self._texts |= {other["value"]: entry["value"] for other in good}
        for other in good[1:]:
            other.pop("is_primary", None)
        if found is None or found.has_more or not good:
            told = FieldError(error.pointer, *_PARTLY) if good else error
            self._keep(told, f"{field} {index + 1}", entry["value"])
        self.contact[field] = [*entries[:index], *good, *entries[index + 1 :]]

    def _mend_part(self, error: FieldError, field: str, index: int, part: str) -> bool:
        """Take out a part of an entry, or an entry without any."""
        entries = self.contact[field]
        entry = dict(entries[index])
        if part:
            value = entry.pop(part)
            clean = _CONTROL.sub(" ", value).strip()
            if error.code == "control_character":
                self._tell(error, value)
                entry |= {part: clean}
            else:
                self._keep(error, f"{field} {index + 1}", value)
        rest = [entry] if part and entry.keys() - {"label", "is_primary"} else []
        self.contact[field] = [*entries[:index], *rest, *entries[index + 1 :]]
        return True

    def _mend_whole_list(self, error: FieldError, field: str) -> bool:
        """Leave what a list may have at most, and one primary entry of several."""
        entries = self.contact[field]
        if error.code == "several_primary":
            first = next(index for index, entry in enumerate(entries) if entry.get("is_primary"))
            self.contact[field] = [{**e, "is_primary": index == first} for index, e in enumerate(entries)]
            return True
        if error.code != "too_many":
            return False
        surplus = [_words(entry) for entry in entries[MOST_ENTRIES:]]
        for words in surplus[:MOST_KEPT_SINGLY]:
            self._keep(error, field, words)
        if rest := surplus[MOST_KEPT_SINGLY:]:
            self._keep(error, field, "\n".join(rest))
        self.contact[field] = entries[:MOST_ENTRIES]
        return True

    def _mend_birthday(self, error: FieldError) -> bool:
        value = self.contact.get("birthday")
        if not isinstance(value, str):
            return False
        day = day_of(value, self._region) if self._is_first_round else None
        if day and day != value:
            self.contact["birthday"] = day
        else:
            del self.contact["birthday"]
            self._keep(error, "birthday", value)
        return True

    def _mend_tags(self, error: FieldError, rest: list[str]) -> bool:
        tags = self.contact["tags"]
        # One of them, or those that are too many.
        first, behind = (int(rest[0]), int(rest[0]) + 1) if rest else (MOST_TAGS, len(tags))
        odd = tags[first:behind]
        if not odd or not all(isinstance(tag, str) for tag in odd):
            return False
        self._keep(error, "tags", ", ".join(odd))
        self.contact["tags"] = tags[:first] + tags[behind:]
        return True

    def _mend_custom(self, error: FieldError, name: str) -> bool:
        custom = dict(self.contact["custom"])
        value = custom.pop(name, None)
        if value is None:
            return False
        self.contact["custom"] = custom
        self._keep(error, name, value if isinstance(value, str) else str(value))
        return True

    def _mend_text(self, error: FieldError, field: str) -> bool:
        value = self.contact[field]
        control = _CONTROL_IN_NOTE if field == "note" else _CONTROL
        if error.code == "control_character":
            self._tell(error, value)
            self.contact[field] = control.sub(" ", value).strip()
        elif error.code == "too_long" and field in {"name", "note"}:
            self._keep(error, field, value) if field == "name" else self._tell(error, value)
            self.contact[field] = value[: LONGEST_NAME if field == "name" else LONGEST_TEXT]
        elif error.code == "invalid_text":
            return False
        else:
            del self.contact[field]
            self._keep(error, field, value)
        return True

    def _is_nameless(self) -> bool:
        """Return whether the contact was only named after an address or number that is none."""
        name = self.contact.get("name")
        channels = [entry for field in ("emails", "phones") for entry in self.contact.get(field, ())]
        before = [entry for field in ("emails", "phones") for entry in self._parsed.contact.get(field) or ()]
        values = {entry.get("value") for entry in before if isinstance(entry, dict)}
        return bool(not channels and name and name in values and not self.contact.get("given_name"))

    def _tell(self, error: FieldError, value: str) -> tuple[str | None, str]:
        column, cell = self._parsed.origin(error.pointer, self._texts.get(value, value))
        self.oddities.append(Oddity(error.pointer, error.code, error.detail, column, cell))
        return column, cell

    def _keep(self, error: FieldError, name: str, value: str) -> None:
        """Tell of the value, and keep the cell that it is from, once."""
        column, cell = self._tell(error, value)
        name = _CONTROL.sub(" ", column or name).strip()[:MOST_CUSTOM_NAME].strip() or error.pointer[1:]
        text = _CONTROL_IN_NOTE.sub(" ", cell)
        if (name, text) in self._kept or not text.strip():
            return
        self._kept.add((name, text))
        custom = dict(self.contact.get("custom") or {})
        free = next(spelling for spelling in _spellings(name) if custom.get(spelling, text) == text)
        size = sum(len(str(key)) + len(str(entry)) for key, entry in custom.items())
        if (
            len(text) <= LONGEST_VALUE
            and len(custom) < MOST_FIELDS
            and size + len(free + text) <= LARGEST_SIZE
        ):
            self.contact["custom"] = {**custom, free: text}
        else:
            note = "\n".join(filter(None, (self.contact.get("note"), f"{name}: {text}")))
            self.contact["note"] = note[:LONGEST_TEXT]


def _words(entry: Any) -> str:
    parts = entry.values() if isinstance(entry, dict) else ()
    return ", ".join(part for part in parts if isinstance(part, str))


def _spellings(name: str) -> Iterable[str]:
    yield name
    yield from (f"{name[: MOST_CUSTOM_NAME - 6]} ({number})" for number in range(2, MOST_FIELDS + 3))


def _place(pointer: str) -> tuple[str, int, str]:
    """Return the field, the number of the entry (-1 without one), and the name within `custom`."""
    field, *rest = pointer.split("/")[1:] or [""]
    number = int(rest[0]) if rest and rest[0].isdecimal() and field != "custom" else -1
    return field, number, "" if number >= 0 else "/".join(rest)


def _at(contact: Json, pointer: str) -> Any:
    found: Any = contact
    for step in pointer.split("/")[1:]:
        if isinstance(found, dict):
            found = found.get(unescaped(step))
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found
