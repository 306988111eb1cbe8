"""The JSON shapes of one noun, declared around its draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from crmtenant.schemas.base import patch_model
from crmtenant.schemas.query import Query
from crmtenant.schemas.stored import StoredDraft


@dataclass(frozen=True, slots=True)
class Shapes:
    """What may be written, asked for and read of a noun, and what of a row only the server sets."""

    draft: Any
    patch: type[BaseModel]
    out: type[BaseModel]
    query: type[Query]
    stored: type[StoredDraft]

    @classmethod
    def of(
        cls,
        draft: Any,
        out: type[BaseModel],
        query: type[Query],
        stored: type[StoredDraft] = StoredDraft,
    ) -> Shapes:
        """Return the shapes around a draft."""
        return cls(draft, patch_model(draft), out, query, stored)
