"""The OpenAPI 3.1 document of the application, generated from its operations alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter

from crmtenant.api.docs.components import REQUEST_HEADERS, RESPONSE_HEADERS, SECURITY_SCHEMES, problems
from crmtenant.api.docs.operation_facts import (
    COMPANY,
    gives_of,
    identifier_of,
    is_required,
    security_of,
    statuses_of,
    tag_of,
    takes_of,
)
from crmtenant.api.docs.surface import ANY, Operation, Parameter
from crmtenant.schemas.problem import Problem, StaleProblem

Json = dict[str, Any]

_SCHEMAS = "#/components/schemas/"
_LARGEST_ID = 2**63 - 1
_MERGE_PATCH = "application/merge-patch+json"

DESCRIPTION = """\
Companies register themselves, and each works in a database of its own.

Register (`POST /api/registrations`) or sign in (`POST /api/sessions`), and send the access token you receive as
`Authorization: Bearer ...`. Lists are paged: follow `next` until it is null. Send an item's `ETag` as `If-Match` to
avoid overwriting somebody else's changes. Errors are problem documents (RFC 9457) with a stable `code`.
"""


def document(operations: Iterable[Operation]) -> Json:
    """Return the document as a dict ready for JSON.

    Raises:
        ValueError: two operations have the same operationId.
    """
    described = [operation for operation in operations if operation.method != ANY]
    _check_names(described)
    schemas = Schemas(described)
    paths: dict[str, Json] = {}
    for operation in described:
        path = paths.setdefault(operation.path, _path_of(operation))
        path[operation.method.lower()] = _operation(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "crmtenant", "version": version("crmtenant"), "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": _tags(described),
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": problems(),
            "parameters": REQUEST_HEADERS,
            "headers": RESPONSE_HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


class Schemas:
    """The JSON schemas of all models of the operations, each once under components."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        wanted: dict[tuple[Any, str], TypeAdapter[Any]] = {}
        for model in (Problem, StaleProblem):
            wanted[model, "serialization"] = TypeAdapter(model)
        for operation in operations:
            for option, mode in (("body", "validation"), ("query", "validation"), ("out", "serialization")):
                if (model := operation.options[option]) is not None:
                    wanted[model, mode] = TypeAdapter(model)
        inputs: Any = [(model, mode, adapter) for (model, mode), adapter in wanted.items()]
        self._roots, made = TypeAdapter.json_schemas(inputs, ref_template=_SCHEMAS + "{model}")
        self.components: Json = dict(sorted(made["$defs"].items()))
        self._queries = {
            model: self._extracted(model) for model, mode in wanted if self._is_query(model, mode, operations)
        }

    def read(self, model: Any) -> Json:
        """Return the schema of a request body."""
        return self._roots[model, "validation"]

    def answered(self, model: Any) -> Json:
        """Return the schema of a response body."""
        return self._roots[model, "serialization"]

    def parameters(self, model: type[BaseModel]) -> list[Json]:
        """Return the parameters of a query."""
        schema = self._queries[model]
        required = schema.get("required", ())
        return [
            _query_parameter(name, given, name in required)
            for name, given in schema.get("properties", {}).items()
        ]

    def _is_query(self, model: Any, mode: str, operations: Sequence[Operation]) -> bool:
        return mode == "validation" and any(operation.options["query"] is model for operation in operations)

    def _extracted(self, model: Any) -> Json:
        """Remove and return the schema of a query, which is not a component: its fields become parameters."""
        root = self._roots[model, "validation"]
        taken: Json = self.components.pop(root["$ref"].removeprefix(_SCHEMAS)) if "$ref" in root else root
        return taken


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
    return parameter


def _path_of(operation: Operation) -> Json:
    parameters = [_path_parameter(parameter) for parameter in operation.place.parameters]
    return {"parameters": parameters} if parameters else {}


def _path_parameter(parameter: Parameter) -> Json:
    if parameter.pattern is None:
        schema: Json = {"type": "integer", "minimum": 1, "maximum": _LARGEST_ID}
    else:
        schema = {"type": "string", "pattern": parameter.pattern}
    return {"name": parameter.name, "in": "path", "required": True, "schema": schema}


def _operation(operation: Operation, schemas: Schemas) -> Json:
    options = operation.options
    parameters = schemas.parameters(options["query"]) if options["query"] is not None else []
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in takes_of(operation)]
    described: Json = {
        "operationId": identifier_of(operation),
        "tags": [tag_of(operation)],
        "summary": options["summary"],
        "security": [{scheme: []} if scheme else {} for scheme in security_of(operation)],
        "parameters": parameters,
        "responses": _responses(operation, schemas),
    }
    body = _body(operation, schemas)
    if body:
        described["requestBody"] = body
    return described


def _body(operation: Operation, schemas: Schemas) -> Json:
    model, content = operation.options["body"], {}
    if model is not None:
        json = {"schema": schemas.read(model)}
        content["application/json"] = json
        if operation.method == "PATCH":
            content[_MERGE_PATCH] = json
    content |= {name: {"schema": _raw(name)} for name in _media(operation, "body")}
    return {"required": is_required(model), "content": content} if content else {}


def _responses(operation: Operation, schemas: Schemas) -> Json:
    options = operation.options
    success: Json = {"description": _first_line(operation.function.__doc__)}
    content = {name: {"schema": _raw(name)} for name in _media(operation, "out")}
    if options["out"] is not None:
        content["application/json"] = {"schema": schemas.answered(options["out"])}
    if content:
        success["content"] = content
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in gives_of(operation)}
    if headers:
        success["headers"] = headers
    responses = {str(options["status"] or 200): success}
    if "If-None-Match" in takes_of(operation):
        etag = {"ETag": {"$ref": "#/components/headers/ETag"}}
        responses["304"] = {"description": "The client's copy is current.", "headers": etag}
    refusals = {
        str(status): {"$ref": f"#/components/responses/{name}"} for status, name in statuses_of(operation)
    }
    return responses | refusals


def _media(operation: Operation, side: str) -> Sequence[str]:
    media: Mapping[str, Sequence[str]] = operation.options["media"] or {}
    return media.get(side, ())


def _raw(media_type: str) -> Json:
    """Return the schema of a body that no model describes."""
    if media_type == "application/json":
        return {}
    if media_type == "multipart/form-data":
        file = {"type": "string", "contentMediaType": "application/octet-stream"}
        return {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {"type": "string"}


def _tags(operations: Sequence[Operation]) -> list[Json]:
    """Return each tag, described by the docstring of the place nearest to the root that has it."""
    about = {COMPANY: "The company and the current user."}
    for operation in sorted(operations, key=lambda operation: operation.path.count("/")):
        about.setdefault(tag_of(operation), _first_line(operation.place.kind.__doc__))
    return [{"name": name, "description": about[name]} for name in sorted(about)]


def _first_line(text: str | None) -> str:
    return " ".join((text or "").partition("\n\n")[0].split())


def _check_names(operations: Sequence[Operation]) -> None:
    by_name: dict[str, Operation] = {}
    for operation in operations:
        name = identifier_of(operation)
        other = by_name.setdefault(name, operation)
        if other is not operation:
            raise ValueError(
                f"{other.path} and {operation.path} are both called {name}; use the option `operation`."
            )
