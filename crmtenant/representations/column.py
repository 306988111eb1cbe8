"""A column of a project's board in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from crmtenant.representations import base
from crmtenant.representations.base import ITEM_FIELDS, Draft, Json
from crmtenant.representations.fields import Color, Position, RowId, Word
from crmtenant.representations.query import Query

WRITABLE = ("project_id", "name", "position", "color", "task_limit", "is_done")
FIELDS = ("id", *WRITABLE, *ITEM_FIELDS)
SORTS = ("position", "created_at", "updated_at")


class ColumnDraft(Draft):
    """What a client may write of a column. It stays on the board it was made for."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    project_id: RowId
    name: Word
    position: Position | None = Field(None, description="Where it stands; last when absent.")
    color: Color | None = None
    task_limit: Annotated[int, Field(ge=1, le=10_000)] | None = None
    is_done: bool = Field(False, description="Whether the tasks in it are done.")

    def columns(self) -> dict[str, Any]:
        """The column values of the row; `position` None is for the service to fill."""
        return {name: getattr(self, name) for name in WRITABLE}


def load_patch(
    current: Json, patch: Any, *, context: Mapping[str, Any] | None = None, prefix: str = ""
) -> ColumnDraft:
    """The draft of a column after a merge patch."""
    return base.load_patch(ColumnDraft, current, patch, context=context, prefix=prefix)


class ColumnQuery(Query):
    """A page of a board's columns, asked for."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field("position", description="position, created_at or updated_at; - for descending.")


class ColumnOut(BaseModel):
    """A column as it comes back."""

    id: RowId
    project_id: RowId
    name: str
    position: float
    color: str | None
    task_limit: int | None
    is_done: bool
    created_at: datetime
    updated_at: datetime
    created_by: str
    version: Annotated[int, Field(ge=1)]
