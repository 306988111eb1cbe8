"""Documents around items: pages, bulk requests and their answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from crmtenant.schemas.base import left_out
from crmtenant.schemas.fields import RowId

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="The address of the next page; null on the last page.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last page.")
    total: int = left_out("The number of items on all pages; only if requested by `count`.")
    total_is_least: bool = left_out(
        "True where there are more than `total`: of tens of thousands of items, what a filter finds is counted to 1,000."
    )


def page_document(out: type[BaseModel]) -> type[BaseModel]:
    """Return the document of a page of complete items."""
    entity = out.__name__.removesuffix("Out")
    items: Any = list[out]  # type: ignore[valid-type]
    return create_model(f"{entity}Page", __base__=Page, __doc__=Page.__doc__, items=(items, ...))


def bulk_documents(draft: Any, patch: type[BaseModel], out: Any) -> tuple[type[BaseModel], type[BaseModel]]:
    """Return the documents of a bulk request for this entity and of its answer."""
    entity = out.__name__.removesuffix("Out")
    update = create_model(f"{entity}Update", __base__=patch, id=(RowId, ...))
    request = create_model(
        f"{entity}Bulk",
        __config__=ConfigDict(extra="forbid"),
        create=(list[draft], []),
        update=(list[update], []),
        delete=(list[RowId], []),
        restore=(list[RowId], []),
    )
    answer = create_model(
        f"{entity}BulkDone",
        created=(list[out], ...),
        updated=(list[out], ...),
        deleted=(list[RowId], ...),
        restored=(list[out], ...),
        batch_id=(RowId | None, Field(description="What was done, to undo it; null where nothing was.")),
    )
    return request, answer


def one_of(names: Iterable[str]) -> Any:
    """Return the type of a field that holds one of these words."""
    return Literal[tuple(names)]
