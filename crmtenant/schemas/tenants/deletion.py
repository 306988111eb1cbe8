"""The deletion of a company in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import Line


class DeletionDraft(Draft):
    """The company's slug, typed again to confirm."""

    company: Line


class DeletionOut(BaseModel):
    """The moment after which the company is deleted."""

    delete_after: datetime


def dump_deletion(delete_after: datetime) -> dict[str, Any]:
    """Return the JSON of `DeletionOut`."""
    return {"delete_after": delete_after}
