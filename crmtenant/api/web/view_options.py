"""Options of views that describe them in the OpenAPI document; Pyramid's introspector keeps them.

| option | meaning | default |
|---|---|---|
| body, query, out | pydantic models of request body, query and response body | none |
| status | the status of success | 200 |
| summary | what the operation does, in a few words | |
| media | `{"body": [...], "out": [...]}`: media types of bodies that are not JSON | |
| json_file | the pydantic model of a file that is JSON | |
| form_fields | `{name: schema}`: fields of a form beside its file | |
| operation | the operationId, where verb and noun would make a bad one | |
| takes | request headers it understands, such as If-Match | Idempotency-Key where it is idempotent |
| gives | response headers it sends, such as ETag | |
| refuses | error statuses beyond those that follow from the rest | |
| security | the schemes of which one is required; None allows anybody | by permission |
"""

from __future__ import annotations

from typing import Any

from pyramid.predicates import RequestMethodPredicate

ALL_METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")

OPTIONS = (
    "body",
    "query",
    "out",
    "status",
    "summary",
    "media",
    "json_file",
    "form_fields",
    "operation",
    "takes",
    "gives",
    "refuses",
    "security",
)


def described(view: Any, info: Any) -> Any:  # noqa: ARG001 (a view deriver's signature)
    """Return the view unchanged; its options are for the introspector only."""
    return view


described.options = OPTIONS  # type: ignore[attr-defined]


def methods_of(info: Any) -> tuple[str, ...]:
    """Return the methods of a view that is being derived, so that derivers ask once and not at every request."""
    for predicate in info.predicates:
        if isinstance(predicate, RequestMethodPredicate):
            return tuple(predicate.val)
    return ALL_METHODS


def includeme(config: Any) -> None:
    """Allow views to be registered with these options."""
    config.add_view_deriver(described, name="described")
