"""What a view tells about itself for the OpenAPI document; Pyramid's introspector keeps it.

| option | what it is | default |
|---|---|---|
| body, query, out | pydantic models of what is read and answered | nothing |
| status | the status of success | 200 |
| summary | what the operation does, in a few words | |
| media | `{"body": [...], "out": [...]}`: media types read or answered that are not JSON | |
| operation | the operation's name where verb and noun would make a bad one | |
| takes | request headers it heeds, such as If-Match | Idempotency-Key where it is answered once |
| gives | response headers it sends, such as ETag | |
| refuses | statuses it refuses with beyond those that follow from the rest | |
| security | who may call: schemes of which one is needed, None for nobody in particular | by permission |
"""

from __future__ import annotations

from typing import Any

OPTIONS = (
    "body",
    "query",
    "out",
    "status",
    "summary",
    "media",
    "operation",
    "takes",
    "gives",
    "refuses",
    "security",
)


def described(view: Any, info: Any) -> Any:  # noqa: ARG001 (a view deriver's signature)
    """The view as it is; its options are only for the introspector."""
    return view


described.options = OPTIONS  # type: ignore[attr-defined]


def includeme(config: Any) -> None:
    """Nothing comes back; views may now be registered with these options."""
    config.add_view_deriver(described, name="described")
