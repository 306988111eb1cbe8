"""Documents around the nouns: pages, bulk requests and their answers."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from crmtenant.schemas.fields import RowId

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    """One page of a list."""

    items: list[T]
    next: str | None = Field(description="The address of the next page; null on the last.")
    total: int | None = Field(
        None, description="How many there are on all pages, where `count` asked for it."
    )


def page_document(out: type[BaseModel]) -> type[BaseModel]:
    """The document of a page whose items are whole, or have only the fields that were asked for and `id`."""
    noun = out.__name__.removesuffix("Out")
    fields: Any = {
        name: (field.annotation, Field(default_factory=lambda: None))
        for name, field in out.model_fields.items()
        if name != "id"
    }
    part = create_model(
        f"{noun}Part", __doc__=f"{noun}: the fields asked for by `fields`.", id=(RowId, ...), **fields
    )
    items: Any = list[out | part]  # type: ignore[valid-type]
    return create_model(f"{noun}Page", __base__=Page, __doc__=Page.__doc__, items=(items, ...))


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
        restore=(list[RowId], []),
    )
    answer = create_model(
        f"{noun}BulkDone",
        created=(list[out], ...),
        updated=(list[out], ...),
        deleted=(list[RowId], ...),
        restored=(list[out], ...),
    )
    return request, answer
