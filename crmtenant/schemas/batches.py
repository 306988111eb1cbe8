"""What was done to many items in one go, in JSON, and what undoing it did."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from crmtenant.schemas.documents import one_of
from crmtenant.schemas.fields import RowId
from crmtenant.schemas.query import AS_INTEGER, Cursor, QueryFlag


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)


class BatchQuery(_Asked):
    """The query for a page of batches."""

    limit: Annotated[int, Field(ge=1, le=200), AS_INTEGER] = Field(
        50, description="How many batches at most."
    )
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )


class UndoQuery(_Asked):
    """Whether to find out only."""

    dry_run: QueryFlag = Field(False, description="Only say what would be put back.")


class BatchSummary(BaseModel):
    """How many items of the noun it created and so on, and how many of other nouns went along."""

    created: int
    changed: int
    removed: int
    restored: int
    along: int
    title: str | None = Field(description="What it was, where it was one item: its title.")


class BatchItem(BaseModel):
    """Something done to many items in one go. It can be undone until `kept_until`."""

    id: RowId
    kind: Literal["import", "bulk", "merge", "shift", "template", "trash", "undo"]
    at: datetime
    by: str
    noun: str
    summary: BatchSummary
    undone_at: datetime | None
    undone_by: str | None
    can_undo: bool = Field(description="Whether you may undo it, and it was not undone yet.")
    kept_until: datetime


class UndoKept(BaseModel):
    """An item, or fields of it, that stayed: changed by somebody since, gone, used by others, or not yours to change."""

    noun: str
    id: RowId
    title: str | None
    fields: list[str] = Field(description="Empty where it is the item itself that stayed.")
    reason: Literal["changed_since", "gone", "in_use", "forbidden"]
    by: str | None
    at: datetime | None


def batch_documents(nouns: Iterable[str]) -> tuple[type[BaseModel], type[BaseModel]]:
    """Return the documents of a page of batches of these nouns, and of the answer to an undo."""
    listed = tuple(nouns)
    item = create_model(
        "BatchItem", __base__=BatchItem, __doc__=BatchItem.__doc__, noun=(one_of((*listed, "company")), ...)
    )
    kept = create_model("UndoKept", __base__=UndoKept, __doc__=UndoKept.__doc__, noun=(one_of(listed), ...))
    page = create_model(
        "BatchPage",
        __doc__="One page of what was done to many items in one go within the last 30 days, newest first.",
        items=(list[item], ...),
        next=(str | None, Field(description="The address of the next page; null on the last page.")),
        next_cursor=(str | None, Field(description="The `cursor` of the next page; null on the last page.")),
    )
    undone = create_model(
        "UndoOut",
        __doc__="What an undo put back, and what it left as it is.",
        batch=(
            RowId | None,
            Field(description="The undo itself, which can be undone too; null after a dry run."),
        ),
        restored=(int, Field(description="How many items are as they were before.")),
        partly=(int, Field(description="How many items got some of their fields back.")),
        kept=(list[kept], Field(description="What stayed, the first 100.")),
        kept_count=(int, Field(description="How many items stayed, wholly or in part.")),
    )
    return page, undone
