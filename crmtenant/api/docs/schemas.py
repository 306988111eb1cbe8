"""The JSON schemas of all models of the operations, each once under components."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, TypeAdapter

from crmtenant.api.docs.surface import Operation
from crmtenant.schemas.problem import Problem, StaleProblem

Json = dict[str, Any]

PREFIX = "#/components/schemas/"

_MODES = (
    ("body", "validation"),
    ("json_file", "validation"),
    ("query", "validation"),
    ("out", "serialization"),
)


class Schemas:
    """The JSON schemas of the models of these operations."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        wanted: dict[tuple[Any, str], TypeAdapter[Any]] = {}
        for model in (Problem, StaleProblem):
            wanted[model, "serialization"] = TypeAdapter(model)
        for operation in operations:
            for option, mode in _MODES:
                if (model := operation.options[option]) is not None:
                    wanted[model, mode] = TypeAdapter(model)
        inputs: Any = [(model, mode, adapter) for (model, mode), adapter in wanted.items()]
        self._roots, made = TypeAdapter.json_schemas(inputs, ref_template=PREFIX + "{model}")
        self.components: Json = dict(sorted(made["$defs"].items()))
        self._queries = {
            model: self._extracted(model) for model, mode in wanted if self._is_query(model, mode, operations)
        }
        for schema in self.components.values():
            _tell_defaults(schema)

    def read(self, model: Any) -> Json:
        """Return the schema of a request body."""
        return self._roots[model, "validation"]

    def answered(self, model: Any) -> Json:
        """Return the schema of a response body."""
        return self._roots[model, "serialization"]

    def query(self, model: type[BaseModel]) -> Json:
        """Return the schema of a query."""
        return self._queries[model]

    def _is_query(self, model: Any, mode: str, operations: Sequence[Operation]) -> bool:
        return mode == "validation" and any(operation.options["query"] is model for operation in operations)

    def _extracted(self, model: Any) -> Json:
        """Remove and return the schema of a query, which is not a component: its fields become parameters."""
        root = self._roots[model, "validation"]
        taken: Json = self.components.pop(root["$ref"].removeprefix(PREFIX)) if "$ref" in root else root
        return taken


def _tell_defaults(schema: Json) -> None:
    """Move each field's default into its description.

    Generators of clients take a field with a default for one that is always there, or send it unasked: in a merge
    patch that would take values away.
    """
    for field in schema.get("properties", {}).values():
        default = field.pop("default", None)
        if default not in (None, [], {}):
            told = f"{str(default).lower() if isinstance(default, bool) else default} by default."
            field["description"] = f"{field.get('description', '')} {told}".strip()
