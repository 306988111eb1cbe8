"""Support access in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from crmtenant.schemas.base import Draft
from crmtenant.schemas.fields import Line
from crmtenant.schemas.identity.session import TRANSPORT, Transport
from crmtenant.services.identity.support_rows import Grant

MOST_HOURS = 72

SupportRole = Literal["viewer", "admin"]


class SupportGrantDraft(Draft):
    """What support may do, why, and for how long."""

    role: SupportRole = Field("viewer", description="Look only, or change things too.")
    reason: Line = Field(description="What support is to look at.")
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = 24


class SupportLinkDraft(Draft):
    """The token of an operator's link."""

    token: str
    transport: Transport = TRANSPORT


class SupportVisitOut(BaseModel):
    """An operator who was in the company, or is. What they wrote carries this id."""

    id: str
    name: str
    opened_at: datetime
    ended_at: datetime | None
    is_there: bool


class SupportGrantOut(BaseModel):
    """A grant of support access, and who came under it."""

    id: str
    role: SupportRole
    reason: str
    granted_by: str | None = Field(description="The owner; null where two operators took it in an emergency.")
    created_at: datetime
    until: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    is_open: bool
    visits: list[SupportVisitOut]


class SupportGrantsOut(BaseModel):
    """The newest grants, newest first."""

    items: list[SupportGrantOut]


def dump_grant(grant: Grant) -> dict[str, Any]:
    """Return the JSON of `SupportGrantOut`."""
    own = {name: getattr(grant, name) for name in SupportGrantOut.model_fields if name != "visits"}
    names = SupportVisitOut.model_fields
    return {**own, "visits": [{name: getattr(visit, name) for name in names} for visit in grant.visits]}
