"""Who asks: a person, in one company, in one role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """The person a request comes from and the company it is about, as of this moment."""

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
