"""What a company has, and how much it may have, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from crmtenant.models.catalog.usage import QUOTAS
from crmtenant.services.identity.quotas import QuotaUse


class QuotaOut(BaseModel):
    """What there is of one kind, and the most there may be."""

    kind: Literal["bytes", "rows", "seats"] = Field(
        description="Bytes of the database; rows that are not in the trash; members and open invitations."
    )
    used: int
    limit: int | None = Field(description="None is without limit.")
    percent: int | None = Field(description="The share of the limit that is used, rounded down.")


class UsageOut(BaseModel):
    """What the company has, and how much it may have. Beyond a limit nothing can be added."""

    measured_at: datetime | None = Field(
        description="When bytes and rows were measured: once a day, and every hour from 80 % of a limit."
    )
    members: int
    invited: int
    quotas: list[QuotaOut]


def dump_usage(use: QuotaUse) -> dict[str, Any]:
    """Return the JSON of `UsageOut`."""
    return {
        "measured_at": use.measured_at,
        "members": use.members,
        "invited": use.invited,
        "quotas": [
            {
                "kind": kind,
                "used": use.used(kind),
                "limit": getattr(use.limits, kind),
                "percent": use.percent(kind),
            }
            for kind in QUOTAS
        ],
    }
