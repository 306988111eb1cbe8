"""Text as clients may send it: composed (NFC), without characters that cannot be stored or shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from crmtenant.ids import is_id
from crmtenant.text.recurrence import normal_form

LONGEST_TEXT = 100_000
LONGEST_NAME = 500
MOST_TAGS = 50
MOST_PEOPLE = 200

_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_CONTROL_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Directional overrides reverse the text after them; telephones add them on copying.
_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_INVISIBLE = "\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u2060"
_EDGES = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + _INVISIBLE
_COLOR = re.compile("#[0-9A-Fa-f]{6}")


def is_encodable(text: str) -> bool:
    """Return whether the text can be encoded as UTF-8 (it has no lone surrogate)."""
    return _SURROGATE.search(text) is None


def trimmed(text: str) -> str:
    """Return the text without white space and invisible characters at its ends."""
    return text.strip(_EDGES)


def _check_storable(text: str, control: re.Pattern[str]) -> None:
    if not is_encodable(text):
        raise PydanticCustomError("invalid_text", "This is not valid Unicode: half a character is missing.")
    if control.search(text):
        raise PydanticCustomError("control_character", "Control characters are not allowed here.")


def _check_length(text: str, longest: int) -> None:
    if len(text) > longest:
        raise PydanticCustomError(
            "too_long", "At most {longest} characters are allowed.", {"longest": longest}
        )


def clean_line(text: str, longest: int) -> str:
    """Return one line of text, composed and trimmed; refuse an empty one."""
    if (
        text.isprintable()
    ):  # and so has none of the characters that are looked for below, at its ends only spaces
        line = unicodedata.normalize("NFC", text.strip(" "))
    else:
        line = trimmed(unicodedata.normalize("NFC", _OVERRIDES.sub("", trimmed(text))))
        _check_storable(line, _CONTROL)
    _check_length(line, longest)
    if not line:
        raise PydanticCustomError("required", "This must not be empty.")
    return line


def clean_text(text: str, longest: int) -> str:
    """Return text of several lines, composed, with \\n at line ends."""
    lines = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    _check_storable(lines, _CONTROL_IN_TEXT)
    _check_length(lines, longest)
    return lines


@dataclass(frozen=True)
class _Cleaned:
    """A pydantic annotation of a strict string that is cleaned; documented as a string with these bounds."""

    longest: int
    shortest: int
    clean: Callable[[str, int], str]
    pattern: str | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        strict = core_schema.str_schema(strict=True)
        return core_schema.no_info_after_validator_function(
            lambda text: self.clean(text, self.longest), strict
        )

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        document: dict[str, Any] = {"type": "string", "maxLength": self.longest}
        if self.shortest:
            document["minLength"] = self.shortest
        if self.pattern:
            document["pattern"] = self.pattern
        return document


def line(longest: int) -> _Cleaned:
    """Return the annotation of a line of text of at most `longest` characters."""
    return _Cleaned(longest, 1, clean_line, r"^[^\u0000-\u001f\u007f-\u009f]*$")


def text(longest: int) -> _Cleaned:
    """Return the annotation of text in several lines of at most `longest` characters."""
    return _Cleaned(longest, 0, clean_text)


def _none_if_blank(value: Any) -> Any:
    return None if isinstance(value, str) and not (value[:1].isalnum() or trimmed(value)) else value


@dataclass(frozen=True)
class _BlankIsNull:
    """A pydantic annotation of text that may be blank, and so has no least length in documents."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(_none_if_blank, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        document = dict(handler(schema))
        document["anyOf"] = [
            {name: value for name, value in kind.items() if name != "minLength"} for kind in document["anyOf"]
        ]
        return document


BLANK_IS_NULL = _BlankIsNull()
"""Blank text, which forms send for an empty field, means the same as null."""

Name = Annotated[str, line(LONGEST_NAME)]
Line = Annotated[str, line(200)]
Word = Annotated[str, line(100)]
OptionalName = Annotated[Name | None, BLANK_IS_NULL]
OptionalLine = Annotated[Line | None, BLANK_IS_NULL]
OptionalWord = Annotated[Word | None, BLANK_IS_NULL]
Text = Annotated[str, text(LONGEST_TEXT)]
OptionalText = Annotated[Text | None, BLANK_IS_NULL]
SmallText = Annotated[str, text(2000)]


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Tags = Annotated[list[Word], Field(max_length=MOST_TAGS), AfterValidator(_distinct)]
"""Tags: at most 50 of 100 characters, without repetition, in the given order."""


def _color(value: str) -> str:
    if not _COLOR.fullmatch(value):
        raise PydanticCustomError("invalid_color", "A colour must have the form #rrggbb.")
    return value.lower()


Color = Annotated[str, AfterValidator(_color), Field(json_schema_extra={"pattern": f"^{_COLOR.pattern}$"})]


def _user_id(value: str) -> str:
    # Also support's, which writes things under its own id; whether it can be given work is the services' business.
    if not is_id("u", value) and not is_id("s", value):
        raise PydanticCustomError("invalid_user_id", "This is not the ID of a user.")
    return value


UserId = Annotated[str, AfterValidator(_user_id), Field(json_schema_extra={"pattern": "^[us]_[a-z2-7]{26}$"})]
UserIds = Annotated[list[UserId], Field(max_length=MOST_PEOPLE), AfterValidator(_distinct)]


def _recurrence(value: str, info: ValidationInfo) -> str:
    try:
        return normal_form(value, (info.context or {}).get("zone", UTC))
    except ValueError as error:
        raise PydanticCustomError("invalid_recurrence", "{reason}", {"reason": str(error)}) from None


Recurrence = Annotated[
    str,
    AfterValidator(_recurrence),
    Field(description="RFC 5545 RRULE without the name, such as FREQ=WEEKLY;BYDAY=MO"),
]
OptionalRecurrence = Annotated[Recurrence | None, BLANK_IS_NULL]
