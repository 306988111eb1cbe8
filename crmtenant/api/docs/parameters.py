"""The parameters of operations, each described and with an example."""

from __future__ import annotations

from typing import Any

from crmtenant.api.docs.examples import value_of
from crmtenant.api.docs.surface import Operation, Parameter

Json = dict[str, Any]

PARTIAL = "fields"
"""A parameter of lists that is described in words only: with it, items are not what their schema says."""
_LARGEST_ID = 2**63 - 1


def path_parameter(parameter: Parameter) -> Json:
    """Return an id in an address."""
    if parameter.pattern is None:
        schema: Json = {"type": "integer", "minimum": 1, "maximum": _LARGEST_ID}
    else:
        schema = {"type": "string", "pattern": parameter.pattern}
    noun = parameter.name.removesuffix("_id").replace("_", " ")
    return {
        "name": parameter.name,
        "in": "path",
        "required": True,
        "description": f"The id of the {noun}.",
        "schema": schema,
        "example": value_of(parameter.name, schema),
    }


def query_parameters(operation: Operation, query: Json) -> list[Json]:
    """Return the parameters of a query, given its schema."""
    required = query.get("required", ())
    fields = {name: dict(field) for name, field in query.get("properties", {}).items() if name != PARTIAL}
    default_sort = getattr(operation.place.kind, "default_sort", None)
    if default_sort is not None and "sort" in fields:
        fields["sort"]["default"] = default_sort
    return [_query_parameter(name, field, name in required) for name, field in fields.items()]


def partial_answers(operation: Operation) -> str:
    """Return what is to be said of a list whose items may be asked for in part; nothing for other operations."""
    names = getattr(operation.options["query"], "FIELDS", ())
    if "list" not in str(operation.attr) or not names:
        return ""
    listed = ", ".join(f"`{name}`" for name in names)
    return (
        "With `fields=id,name` the items have `id` and the named fields only, which no schema here describes;"
        f" clients that rely on one leave it out. The fields are {listed}."
    )


def _query_parameter(name: str, given: Json, is_required: bool) -> Json:
    schema = {key: value for key, value in given.items() if key not in {"title", "description"}}
    # A parameter cannot be null; leaving it out means null.
    choices = [choice for choice in schema.pop("anyOf", ()) if choice != {"type": "null"}]
    if choices and "type" not in schema:
        schema |= choices[0] if len(choices) == 1 else {"anyOf": choices}
    if schema.get("default", 0) is None:
        del schema["default"]
    parameter: Json = {"name": name, "in": "query", "required": is_required, "schema": schema}
    if "description" in given:
        parameter["description"] = given["description"]
    return {**parameter, "example": value_of(name, schema)}
