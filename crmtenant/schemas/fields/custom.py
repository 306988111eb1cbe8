"""Custom fields: a flat JSON object of bounded size."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from crmtenant.schemas.fields.texts import clean_text, is_encodable, line

MOST_FIELDS = 100
MOST_CHOICES = 50
LONGEST_VALUE = 2000
LARGEST_SIZE = 20_000
LARGEST_NUMBER = 2**53 - 1
"""Beyond it JavaScript rounds, and PostgreSQL writes numbers that no JSON parser reads back."""


def check_keys(value: Any) -> Any:
    """Return the object; refuse a name that is not valid Unicode, which pydantic could not report."""
    if isinstance(value, dict) and not all(is_encodable(key) for key in value):
        raise PydanticCustomError("invalid_text", "A field name is not valid Unicode.")
    return value


def _number(value: int | float) -> int | float:
    if not abs(value) <= LARGEST_NUMBER:  # true of NaN as well
        raise PydanticCustomError("out_of_range", "A number must be between -(2^53 - 1) and 2^53 - 1.")
    return value + 0  # -0.0 becomes 0.0, as jsonb has it


def _choices(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise PydanticCustomError("invalid_type", "A list may contain only strings.")
    if len(values) > MOST_CHOICES:
        raise PydanticCustomError("too_many", "A list may contain at most 50 strings.")
    return [clean_text(value, LONGEST_VALUE) for value in values]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, str):
        return clean_text(value, LONGEST_VALUE)
    if isinstance(value, list):
        return _choices(value)
    raise PydanticCustomError(
        "invalid_type", "A value must be a string, a number, true, false, null or a list of strings."
    )


def _size(value: Any) -> int:
    if isinstance(value, list):
        return sum(map(_size, value))
    return len(value) if isinstance(value, str) else 1


def size_of(fields: dict[str, Any]) -> int:
    """Return how many characters all fields have together."""
    return sum(len(key) + _size(value) for key, value in fields.items())


def _check_size(fields: dict[str, Any]) -> dict[str, Any]:
    if size_of(fields) > LARGEST_SIZE:
        raise PydanticCustomError(
            "too_large", "All custom fields together may have at most 20,000 characters."
        )
    return fields


CustomValue = Annotated[
    Any,
    PlainValidator(_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_VALUE},
                {"type": "number", "minimum": -LARGEST_NUMBER, "maximum": LARGEST_NUMBER},
                {"type": "boolean"},
                {"type": "null"},
                {
                    "type": "array",
                    "items": {"type": "string", "maxLength": LONGEST_VALUE},
                    "maxItems": MOST_CHOICES,
                },
            ]
        }
    ),
]
Custom = Annotated[
    dict[Annotated[str, line(64)], CustomValue],
    Field(max_length=MOST_FIELDS),
    BeforeValidator(check_keys),
    AfterValidator(_check_size),
]
