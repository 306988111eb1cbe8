"""What a view tells about itself for the OpenAPI document; Pyramid's introspector keeps it."""

from __future__ import annotations

from typing import Any


def described(view: Any, info: Any) -> Any:  # noqa: ARG001 (a view deriver's signature)
    """The view as it is; its options are only for the introspector."""
    return view


#: body, query, out: pydantic models; status: of success; summary: a sentence; media: other bodies or answers
described.options = ("body", "query", "out", "status", "summary", "media")  # type: ignore[attr-defined]


def includeme(config: Any) -> None:
    """Nothing comes back; views may now be registered with these options."""
    config.add_view_deriver(described, name="described")
