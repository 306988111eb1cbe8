"""Documents around the nouns: pages, bulk requests and their answers."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, create_model

from crmtenant.representations.fields import RowId

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None
    total: int | None = None


def bulk_documents(
    draft: type[BaseModel], patch: type[BaseModel], out: type[BaseModel]
) -> tuple[type[BaseModel], type[BaseModel]]:
    """The document of a bulk request for this noun, and of its answer."""
    noun = out.__name__.removesuffix("Out")
    closed = ConfigDict(extra="forbid")
    update = create_model(f"{noun}Update", __base__=patch, id=(RowId, ...))
    fields: dict[str, Any] = {
        "create": (list[draft], []),  # type: ignore[valid-type]
        "update": (list[update], []),  # type: ignore[valid-type]
        "delete": (list[RowId], []),
    }
    request = create_model(f"{noun}Bulk", __config__=closed, **fields)
    answer = create_model(
        f"{noun}BulkDone",
        created=(list[out], ...),  # type: ignore[valid-type]
        updated=(list[out], ...),  # type: ignore[valid-type]
        deleted=(list[RowId], ...),
    )
    return request, answer
