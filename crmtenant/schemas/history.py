"""What became of an item, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.schemas.query import AS_INTEGER, Cursor


class HistoryQuery(BaseModel):
    """The query for a page of an item's history."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    limit: Annotated[int, Field(ge=1, le=200), AS_INTEGER] = Field(
        50, description="How many changes at most."
    )
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )


class HistoryLine(BaseModel):
    """Something that was done to the item; what one person changes within ten minutes is one line."""

    seq: int | None = Field(description="The number of the transaction; null where it is older than the log.")
    at: datetime
    by: str
    cause: str = Field(description="`person`, `import`, `undo`.")
    verb: str = Field(
        description="`created`, `changed`, `removed`, `restored`, of tasks also `completed`, `reopened`."
    )
    version: int
    changes: dict[str, list[Any]] = Field(description="Of each field what it was and what it became.")
    batch_id: int | None


class HistoryOut(BaseModel):
    """One page of an item's history, newest first; the last page ends with its creation."""

    items: list[HistoryLine]
    next: str | None = Field(description="The address of the next page; null on the last page.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last page.")
