"""The OpenAPI 3.1 document of the application, generated from its operations alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from crmtenant.api.docs.components import REQUEST_HEADERS, RESPONSE_HEADERS, SECURITY_SCHEMES, problems
from crmtenant.api.docs.examples import answer_example, request_example
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
from crmtenant.api.docs.parameters import partial_answers, path_parameter, query_parameters
from crmtenant.api.docs.schemas import PREFIX, Schemas
from crmtenant.api.docs.surface import ANY, Operation

Json = dict[str, Any]

# `format` is OpenAPI 3.0's word, which most generators of clients still read.
_FILE = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}

DESCRIPTION = """\
Companies register themselves, and each works in a database of its own.

Register (`POST /api/registrations`) or sign in (`POST /api/sessions`), and send the access token you receive as
`Authorization: Bearer ...`. Lists are paged: follow `next`, or send `next_cursor` as `cursor`, until it is null. Send
an item's `ETag` as `If-Match` to avoid overwriting somebody else's changes. In a PATCH what is left out stays, and null
takes a value away; `application/merge-patch+json` is accepted for it too. Errors are problem documents (RFC 9457) with a stable `code`.
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
            "examples": _examples(described, schemas),
            "parameters": REQUEST_HEADERS,
            "headers": RESPONSE_HEADERS,
            "securitySchemes": SECURITY_SCHEMES,
        },
    }


def _path_of(operation: Operation) -> Json:
    parameters = [path_parameter(parameter) for parameter in operation.place.parameters]
    return {"parameters": parameters} if parameters else {}


def _operation(operation: Operation, schemas: Schemas) -> Json:
    options = operation.options
    query = options["query"]
    parameters = query_parameters(operation, schemas.query(query)) if query is not None else []
    parameters += [{"$ref": f"#/components/parameters/{name}"} for name in takes_of(operation)]
    described: Json = {
        "operationId": identifier_of(operation),
        "tags": [tag_of(operation)],
        "summary": options["summary"],
        "description": _described(operation),
        "security": _security(operation),
        "parameters": parameters,
        "responses": _responses(operation, schemas),
    }
    body = _body(operation, schemas)
    if body:
        described["requestBody"] = body
    return described


def _security(operation: Operation) -> list[Json]:
    """Return the schemes of which one is required; none for a public operation, whatever it may be given."""
    schemes: list[Json] = [{scheme: []} if scheme else {} for scheme in security_of(operation)]
    return schemes if any(schemes) else []


def _body(operation: Operation, schemas: Schemas) -> Json:
    model, content = operation.options["body"], {}
    if model is not None:
        content["application/json"] = _json_body(model, schemas)
    if operation.options["json_file"] is not None:
        content["application/json"] = _json_body(operation.options["json_file"], schemas)
    fields = operation.options["form_fields"] or {}
    content |= {name: {"schema": _raw(name, fields)} for name in _media(operation, "body")}
    return {"required": is_required(model), "content": content} if content else {}


def _json_body(model: Any, schemas: Schemas) -> Json:
    schema = schemas.read(model)
    return {"schema": schema, "example": request_example(schema, schemas.components)}


def _responses(operation: Operation, schemas: Schemas) -> Json:
    options = operation.options
    success: Json = {"description": _first_line(operation.function.__doc__)}
    content = {name: {"schema": _raw(name)} for name in _media(operation, "out")}
    if options["out"] is not None:
        schema = schemas.answered(options["out"])
        example = {"$ref": f"#/components/examples/{_answer_of(operation, schemas)}"}
        content["application/json"] = {"schema": schema, "examples": {"example": example}}
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


def _raw(media_type: str, form_fields: Mapping[str, Json] = MappingProxyType({})) -> Json:
    """Return the schema of a body that no model describes."""
    if media_type == "application/json":
        return {}
    if media_type == "multipart/form-data":
        file = {**_FILE, "description": "The file, whose name or media type says what it is."}
        return {"type": "object", "required": ["file"], "properties": {"file": file, **form_fields}}
    return {"type": "string"} if media_type.startswith("text/") else _FILE


def _examples(operations: Sequence[Operation], schemas: Schemas) -> Json:
    """Return an example of each answer, by the name of its schema."""
    names = {_answer_of(operation, schemas) for operation in operations if operation.options["out"]}
    return {name: {"value": answer_example(name, schemas.components)} for name in sorted(names)}


def _answer_of(operation: Operation, schemas: Schemas) -> str:
    reference: str = schemas.answered(operation.options["out"])["$ref"]
    return reference.removeprefix(PREFIX)


def _described(operation: Operation) -> str:
    """Return the description of an operation: its docstring but for the first paragraph, which is of the answer."""
    first, _, rest = (operation.function.__doc__ or "").partition("\n\n")
    paragraphs = [_first_line(rest or first), partial_answers(operation)]
    return "\n\n".join(filter(None, paragraphs))


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
