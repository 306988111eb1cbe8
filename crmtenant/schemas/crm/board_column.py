"""A column of a project's board in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field

from crmtenant.schemas.base import ITEM_FIELDS, Draft, Json
from crmtenant.schemas.fields import Color, Position, RowId, Word
from crmtenant.schemas.query import Query, QueryId
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.stored import StoredPlaceDraft

WRITABLE = ("project_id", "name", "position", "color", "task_limit", "is_done")
FIELDS = ("id", *WRITABLE, *ITEM_FIELDS)
SORTS = ("position", "created_at")


class ColumnDraft(Draft):
    """What a client may write of a column."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    project_id: RowId = Field(description="The project whose board it is on.")
    name: Word
    position: Position | None = Field(None, description="Where it stands; last when absent.")
    color: Color | None = None
    task_limit: Annotated[int, Field(ge=1, le=10_000)] | None = None
    is_done: bool = Field(False, description="Whether the tasks in it are done.")

    @classmethod
    def patched(cls, current: Json, patch: Json, context: Mapping[str, Any]) -> Json:
        """A place on the board cannot be taken away."""
        return {"position": current["position"], **super().patched(current, patch, context)}


class ColumnQuery(Query):
    """The query for a page of a board's columns."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field("position", description="position or created_at; with - in front descending.")
    project_id: QueryId | None = Field(None, description="Columns of this project's board.")


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
    updated_by: str
    version: Annotated[int, Field(ge=1)]


COLUMN_SHAPES = Shapes.of(ColumnDraft, ColumnOut, ColumnQuery, StoredPlaceDraft)
