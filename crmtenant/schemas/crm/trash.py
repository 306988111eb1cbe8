"""What has been thrown away, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.schemas.fields import RowId
from crmtenant.schemas.query import DEFAULT_LIMIT, Cursor, Limit


class TrashQuery(BaseModel):
    """A page of the trash, asked for."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    limit: Limit = DEFAULT_LIMIT
    cursor: Cursor | None = Field(None, description="Where the page begins; taken from `next`.")


class TrashItem(BaseModel):
    """Something thrown away; it is restored by POST to `links.restore`."""

    type: Literal["contact", "project", "column", "task", "saved_view"]
    id: RowId
    name: str
    deleted_at: datetime
    deleted_by: str
    links: dict[str, str]


class TrashPage(BaseModel):
    """One page of the trash, newest first."""

    items: list[TrashItem]
    next: str | None
