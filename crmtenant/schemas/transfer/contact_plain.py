"""The columns of a contact in a file, where all its values are plain; most are, and thousands of them are to be read.

The rules are those of `ContactDraft`, which decides wherever a value is not plain: this returns what the draft would, or
nothing (a test holds them together).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NoReturn

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from crmtenant.schemas.crm.contact import country_of, derived_name
from crmtenant.schemas.crm.contact_keys import matching_keys
from crmtenant.schemas.crm.contact_lists import MOST_ENTRIES
from crmtenant.schemas.fields import Custom, Day
from crmtenant.schemas.fields.contact_points import (
    LONGEST_EMAIL,
    LONGEST_PHONE,
    LONGEST_URL,
    clean_phone,
    clean_url,
    e164_of,
)
from crmtenant.schemas.fields.locales import country_codes
from crmtenant.schemas.fields.texts import LONGEST_NAME, LONGEST_TEXT, MOST_TAGS, clean_text, trimmed
from crmtenant.text.emails import parse_email
from crmtenant.text.person_names import NAME_PARTS

Values = dict[str, Any]
Rule = Callable[[Any], Any]

_CUSTOM: TypeAdapter[Values] = TypeAdapter(Custom)
_DAY: TypeAdapter[date] = TypeAdapter(Day)
_LABELS = {"label": None, "is_primary": False}
_NOTHING: Values = {
    **dict.fromkeys((*NAME_PARTS, "nickname", "organization_id", "job_title", "department", "birthday")),
    **dict.fromkeys(("note", "owner_id", "source", "name")),
    "kind": "person",
}


class _Odd(ValueError):
    """A value that the draft is to judge."""


def plain_columns(contact: Mapping[str, Any], region: str | None) -> Values | None:
    """Return the columns, derived ones included but for `search`, or None where something is not plain."""
    region = country_of(contact.get("addresses")) or region
    columns = {**_NOTHING, "tags": [], "custom": {}, "emails": [], "phones": [], "addresses": [], "urls": []}
    try:
        for name, value in contact.items():
            if value is not None:
                columns[name] = _RULES[name](value)
        for phone in columns["phones"]:
            phone["e164"] = e164_of(phone["value"], region)
    except (KeyError, ValueError, PydanticCustomError, ValidationError):
        return None
    columns["name"] = columns["name"] or derived_name(columns)
    return columns | matching_keys(columns) if columns["name"] else None


def _odd() -> NoReturn:
    raise _Odd


def _line(longest: int) -> Rule:
    def plain(value: Any) -> Any:
        is_plain = (
            isinstance(value, str)
            and 0 < len(value) <= longest
            and value.isprintable()
            and value[0] != " " != value[-1]
            and (value.isascii() or unicodedata.is_normalized("NFC", value))
        )
        return value if is_plain else _odd()

    return plain


def _text(longest: int) -> Rule:
    return lambda value: clean_text(value, longest) if isinstance(value, str) and trimmed(value) else _odd()


def _one_of(words: Callable[[], frozenset[str]]) -> Rule:
    return lambda value: value if isinstance(value, str) and value in words() else _odd()


def _flag(value: Any) -> bool:
    return value if isinstance(value, bool) else _odd()


def _tags(value: Any) -> list[str]:
    tags = value if isinstance(value, list) and len(value) <= MOST_TAGS else _odd()
    return list(dict.fromkeys(map(_WORD, tags)))


def _list_of(parts: Mapping[str, Rule], defaults: Values) -> Rule:
    """Return the rule of a list whose entries have these parts, `defaults` what they are without."""
    rules = {"label": _WORD, "is_primary": _flag, **parts}

    def plain(value: Any) -> list[Values]:
        entries = value if isinstance(value, list) and len(value) <= MOST_ENTRIES else _odd()
        found = [
            {**defaults, **{name: rules[name](part) for name, part in entry.items() if part is not None}}
            for entry in entries
            if isinstance(entry, dict) or _odd()
        ]
        primaries = sum(entry["is_primary"] for entry in found)
        if primaries > 1 or not all(any(entry.get(name) for name in parts) for entry in found):
            _odd()
        if found and not primaries:
            found[0]["is_primary"] = True
        return found

    return plain


def _value(longest: int, clean: Callable[[str], str]) -> Rule:
    line = _line(longest)
    return _list_of({"value": lambda value: clean(line(value))}, _LABELS)


def _email(value: str) -> str:
    return parse_email(value, is_sign_in=False).address


_WORD, _LINE = _line(100), _line(200)
_ADDRESS: dict[str, Rule] = {
    "street": _text(2000),
    "postal_code": _WORD,
    "city": _LINE,
    "region": _LINE,
    "country": _one_of(country_codes),
}
_RULES: dict[str, Rule] = {
    **dict.fromkeys((*NAME_PARTS, "nickname"), _WORD),
    **dict.fromkeys(("job_title", "department", "source"), _LINE),
    "kind": _one_of(lambda: frozenset({"person", "organization"})),
    "name": _line(LONGEST_NAME),
    "note": _text(LONGEST_TEXT),
    "tags": _tags,
    "birthday": lambda value: _DAY.validate_python(value, strict=True),
    "custom": lambda value: _CUSTOM.validate_python(value, strict=True),
    "emails": _value(LONGEST_EMAIL, _email),
    "phones": _value(LONGEST_PHONE, clean_phone),
    "urls": _value(LONGEST_URL, clean_url),
    "addresses": _list_of(_ADDRESS, {**_LABELS, **dict.fromkeys(_ADDRESS)}),
}
