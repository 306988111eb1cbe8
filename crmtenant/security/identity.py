"""The identity of a request: a person, in one company, in one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: How somebody came in: as a member, or as an operator with support access.
Via = Literal["session", "support"]


@dataclass(frozen=True, slots=True)
class Identity:
    """The person who makes a request and the company it is about."""

    user_id: str
    person_name: str
    email: str
    session_id: str
    company_id: str
    company_name: str
    slug: str
    role: str
    permissions: frozenset[str]
    company_epoch: int = 1
    country: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None
    delete_after: datetime | None = None
    expires_at: datetime | None = None
    via: Via = "session"
