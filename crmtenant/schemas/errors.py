"""Turn pydantic's errors into field errors: RFC 6901 pointers, our stable codes, plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from crmtenant.errors import FieldError
from crmtenant.text.json_pointer import escaped

MAX_FIELD_ERRORS = 100

_TYPES = {
    "string_type": "a string",
    "int_type": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "an array",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}


def pointer_to(path: Iterable[str | int], prefix: str = "") -> str:
    """Return the JSON pointer of a path below `prefix` (RFC 6901); lone surrogates are escaped."""
    return prefix + "".join(f"/{escaped(visible(str(step)))}" for step in path)


def visible(name: str) -> str:
    """Return the name in a form that UTF-8 can encode."""
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def field_errors_of(
    error: ValidationError, *, read_only: frozenset[str], prefix: str = ""
) -> tuple[FieldError, ...]:
    """Return every error that pydantic found, at most 100, in the order of the fields."""
    found = error.errors(include_url=False, include_input=False)
    return tuple(_field_error(entry, read_only, prefix) for entry in found[:MAX_FIELD_ERRORS])


def _field_error(entry: Any, read_only: frozenset[str], prefix: str) -> FieldError:
    path: tuple[str | int, ...] = entry["loc"]
    if path[-1:] == ("[key]",):
        path = path[:-1]
    if entry["type"] == "extra_forbidden":
        code, detail = _unknown(path, read_only)
    else:
        code, detail = _code_and_detail(entry["type"], entry["msg"], entry.get("ctx", {}))
    return FieldError(pointer_to(path, prefix), code, detail)


def _unknown(path: tuple[str | int, ...], read_only: frozenset[str]) -> tuple[str, str]:
    if len(path) == 1 and path[0] in read_only:
        return "read_only_field", "This field is set by the server."
    return "unknown_field", "This field does not exist."


def _code_and_detail(kind: str, message: str, context: Mapping[str, Any]) -> tuple[str, str]:
    if kind == "missing":
        return "required", "This is required."
    if kind in _TYPES:
        return "invalid_type", f"This must be {_TYPES[kind]}."
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return "out_of_range", f"This must be {words} {context[name]}."
    if kind == "finite_number":
        return "out_of_range", "This must be a finite number."
    if kind == "literal_error":
        return "invalid_choice", f"This must be one of {context['expected']}."
    if kind == "too_long" and "max_length" in context:
        return "too_many", f"At most {context['max_length']} are allowed here."
    return kind, message
