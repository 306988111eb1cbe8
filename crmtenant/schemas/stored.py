"""What only the server sets of a row, and an import of a whole company brings along."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import Instant, Position, UserId

LARGEST_COUNT = 2**53 - 1
"""Of ids and versions: what JavaScript counts exactly, and far from where a sequence ends."""
Count = Annotated[int, Field(ge=1, le=LARGEST_COUNT)]


class StoredDraft(Draft):
    """What only the server sets of any row."""

    id: Count
    created_at: Instant
    updated_at: Instant
    created_by: UserId
    updated_by: UserId
    version: Count
    deleted_at: Instant | None = None
    deleted_by: UserId | None = None


class StoredPlaceDraft(StoredDraft):
    """The same of a row that has a place among others."""

    position: Position
