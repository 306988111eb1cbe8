"""Examples for the OpenAPI document: of what is sent by hand, of what is answered made from its schema."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crmtenant.api.docs.example_values import REQUESTS, VALUES
from crmtenant.api.docs.schemas import PREFIX

Json = dict[str, Any]

_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}
_BY_FORMAT = {"date-time": "2026-11-23T10:15:00Z", "date": "2026-11-23", "email": "anna@example.com"}
_OPAQUE = re.compile(r"\^\[?([a-z])[a-z]*\]?_\[a-z2-7\]\{26\}\$")


def request_example(schema: Json, components: Mapping[str, Json]) -> Any:
    """Return an example of a request body: the one written for its model, or what is required of it."""
    named = _named(schema)
    if named in REQUESTS:
        return REQUESTS[named]
    target = _resolved(schema, components)
    required = target.get("required") or list(target.get("properties", {}))
    return {name: _made(name, target["properties"][name], components, True) for name in required}


def answer_example(name: str, components: Mapping[str, Json]) -> Any:
    """Return an example of the answer described by this component."""
    return _made(name, {"$ref": PREFIX + name}, components, False)


def value_of(name: str, schema: Json) -> Any:
    """Return an example of a single value."""
    return _made(name, schema, {}, True)


def _made(name: str, schema: Json, components: Mapping[str, Json], is_sent: bool) -> Any:
    if is_sent and _named(schema) in REQUESTS:
        return REQUESTS[_named(schema)]
    target = _resolved(schema, components)
    for key in (f"{_named(schema)}", f"{target.get('title', '')}", name):
        if key in VALUES and _fits(VALUES[key], target):
            return VALUES[key]
    if "default" in target or "enum" in target or "const" in target:
        return target.get("default", target.get("const", target.get("enum", [None])[0]))
    if kinds := target.get("anyOf", target.get("oneOf")):
        kinds = [kind for kind in kinds if kind != {"type": "null"}]
        return _made(name, kinds[0], components, is_sent)
    return _of_type(name, target, components, is_sent)


def _of_type(name: str, target: Json, components: Mapping[str, Json], is_sent: bool) -> Any:
    if "properties" in target:
        return {
            field: _made(field, schema, components, is_sent) for field, schema in target["properties"].items()
        }
    if target.get("type") == "array":
        return [_made(name.removesuffix("s"), target["items"], components, is_sent)]
    return _plain(target)


def _plain(target: Json) -> Any:
    """Return a value of a type, where no name says more."""
    opaque = _OPAQUE.fullmatch(target.get("pattern", ""))
    if opaque:
        return f"{opaque[1]}_abcdefghijklmnopqrstuvwxyz"
    if target.get("format") in _BY_FORMAT:
        return _BY_FORMAT[target["format"]]
    least = target.get("minimum", 0)
    return {"string": "text", "integer": max(least, 1), "number": 1, "boolean": True, "object": {}}.get(
        target.get("type", "object")
    )


def _fits(value: Any, target: Json) -> bool:
    """Return whether a value is one of this schema's, as far as names may be shared by fields of different kinds."""
    kinds = target.get("anyOf", [target])
    return any(_fits_one(value, kind) for kind in kinds)


def _fits_one(value: Any, kind: Json) -> bool:
    expected = _TYPES.get(kind.get("type", ""))
    if expected is None or not isinstance(value, expected):
        return False
    if isinstance(value, bool) and expected is not bool:
        return False
    if isinstance(value, str) and not re.search(kind.get("pattern", ""), value):
        return False
    if isinstance(value, int) and not kind.get("minimum", value) <= value <= kind.get("maximum", value):
        return False
    return value in kind.get("enum", [value])


def _named(schema: Json) -> str:
    reference: str = schema.get("$ref", "")
    return reference.removeprefix(PREFIX)


def _resolved(schema: Json, components: Mapping[str, Json]) -> Json:
    """Return the schema that is referred to, of several kinds the first that is an object."""
    if "$ref" in schema:
        return components[_named(schema)]
    kinds = [kind for kind in schema.get("anyOf", ()) if "$ref" in kind]
    return components[_named(kinds[0])] if len(kinds) == 1 else schema
