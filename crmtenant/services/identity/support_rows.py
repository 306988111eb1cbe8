"""Support access as the catalog has it: which grants count, and who is there under one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select

from crmtenant.ids import is_id
from crmtenant.models.catalog.support import SupportGrant, SupportVisit

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

#: The letter of a visitor's id, who is nobody's login.
SUPPORT = "s"
SUPPORT_TOKEN_VERSION = 1
SHOWN = 100

_TOKEN = re.compile(r"(s_[a-z2-7]{26})\.([A-Za-z0-9_-]{43})")


def is_visitor(user_id: str) -> bool:
    """Return whether this is the id of an operator's visit."""
    return is_id(SUPPORT, user_id)


def parse_visit_token(refresh_token: str) -> tuple[str, str] | None:
    """Return the visit's id and the secret, or None if the text is no refresh token of a visit."""
    match = _TOKEN.fullmatch(refresh_token)
    return (match[1], match[2]) if match else None


def counts() -> ColumnElement[bool]:
    """Return whether a grant may be used: not over, not revoked, and confirmed if two operators took it."""
    return and_(
        SupportGrant.revoked_at.is_(None),
        SupportGrant.until > func.now(),
        SupportGrant.asked_by_operator.is_(None) | SupportGrant.confirmed_by_operator.is_not(None),
    )


def is_there() -> ColumnElement[bool]:
    """Return whether a visitor is in the company: the link was used, and neither the visit nor its grant is over."""
    return and_(SupportVisit.opened_at.is_not(None), SupportVisit.ended_at.is_(None), counts())


def visitor_name() -> ColumnElement[str]:
    """Return the name by which the company knows a visitor."""
    return literal("Support (") + SupportVisit.operator + literal(")")


@dataclass(frozen=True, slots=True)
class Visit:
    """An operator who was in the company, or is."""

    id: str
    name: str
    opened_at: datetime
    ended_at: datetime | None
    is_there: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission to enter the company; without `granted_by` it is one that two operators took."""

    id: str
    role: str
    reason: str
    granted_by: str | None
    created_at: datetime
    until: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    is_open: bool
    visits: list[Visit] = field(default_factory=list)


_NEWEST = (
    select(SupportGrant.id)
    .where(
        SupportGrant.tenant_id == bindparam("tenant_id"),
        SupportGrant.asked_by_operator.is_(None) | SupportGrant.confirmed_by_operator.is_not(None),
    )
    .order_by(SupportGrant.created_at.desc())
    .limit(SHOWN)
)
_GRANTS = (
    select(
        SupportGrant.id,
        SupportGrant.role,
        SupportGrant.reason,
        SupportGrant.granted_by,
        SupportGrant.created_at,
        SupportGrant.until,
        SupportGrant.revoked_at,
        SupportGrant.revoked_by,
        counts(),
        SupportVisit.id,
        visitor_name(),
        SupportVisit.opened_at,
        SupportVisit.ended_at,
        func.coalesce(is_there(), False),
    )
    .outerjoin(SupportVisit, (SupportVisit.grant_id == SupportGrant.id) & SupportVisit.opened_at.is_not(None))
    .where(SupportGrant.id.in_(_NEWEST))
    .order_by(SupportGrant.created_at.desc(), SupportGrant.id, SupportVisit.opened_at)
)


def grants_of(reader: Reader, tenant_id: str) -> list[Grant]:
    """Return the company's newest grants with their visits, the newest grant first."""
    found: dict[str, Grant] = {}
    for row in reader.rows(_GRANTS, {"tenant_id": tenant_id}):
        grant = found.setdefault(row[0], Grant(*row[:9]))
        if row[9] is not None:
            grant.visits.append(Visit(*row[9:]))
    return list(found.values())
