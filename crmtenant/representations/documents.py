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


def bulk_documents(draft: Any, patch: type[BaseModel], out: Any) -> tuple[type[BaseModel], type[BaseModel]]:
    """The document of a bulk request for this noun, and of its answer."""
    noun = out.__name__.removesuffix("Out")
    update = create_model(f"{noun}Update", __base__=patch, id=(RowId, ...))
    request = create_model(
        f"{noun}Bulk",
        __config__=ConfigDict(extra="forbid"),
        create=(list[draft], []),
        update=(list[update], []),
        delete=(list[RowId], []),
    )
    answer = create_model(
        f"{noun}BulkDone", created=(list[out], ...), updated=(list[out], ...), deleted=(list[RowId], ...)
    )
    return request, answer
