"""Support access as operators have it: a link that opens a company once, and a sign-in that ends with the grant.

A visitor is an identity of its own, `s_…`, and nobody's login: it has no password, belongs to no company, and can
grant nothing. Only hashes of its secrets are stored.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crmtenant.clock import now
from crmtenant.errors import Unauthenticated
from crmtenant.ids import new_id
from crmtenant.models.catalog.support import SupportGrant, SupportVisit
from crmtenant.models.catalog.tables import Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity.access import suspended
from crmtenant.services.identity.refresh_rotation import (
    GRACE,
    StartedSession,
    invalid_refresh_token,
    refresh_in_progress,
)
from crmtenant.services.identity.sign_ins import SignedIn
from crmtenant.services.identity.support_rows import (
    SUPPORT,
    SUPPORT_TOKEN_VERSION,
    counts,
    is_there,
    parse_visit_token,
    visitor_name,
)
from crmtenant.services.identity.users import CompanyMembership

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.access import AccessDirectory

LINK_VALIDITY = timedelta(minutes=10)

_OPEN_GRANT = (
    select(SupportGrant.id)
    .where(SupportGrant.tenant_id == bindparam("tenant_id"), counts())
    .order_by(SupportGrant.granted_by.is_(None), SupportGrant.created_at.desc())
    .limit(1)
)
_VISITOR = (
    select(
        visitor_name(),
        Tenant.id,
        Tenant.name,
        Tenant.slug,
        SupportGrant.role,
        Tenant.state,
        SupportGrant.until,
        is_there(),
    )
    .join_from(SupportVisit, SupportGrant)
    .join(Tenant, Tenant.id == SupportVisit.tenant_id)
    .where(SupportVisit.id == bindparam("visit_id"))
)


@dataclass(frozen=True, slots=True)
class VisitLink:
    """The token that opens a company once, until when, and when the grant behind it ends."""

    token: str
    valid_until: datetime
    grant_id: str


class SupportVisits:
    """Opens, continues and ends visits."""

    def __init__(self, catalog: Catalog, access: AccessDirectory) -> None:
        self._catalog = catalog
        self._access = access

    def prepare(self, tenant_id: str, *, operator: str, ticket: str) -> VisitLink | None:
        """Return a link into the company for this operator, or None if nobody granted access."""
        token = new_token()
        with self._catalog.begin() as session:
            grant_id = session.scalar(_OPEN_GRANT, {"tenant_id": tenant_id})
            if grant_id is None:
                return None
            visit = SupportVisit(
                id=new_id(SUPPORT),
                grant_id=grant_id,
                tenant_id=tenant_id,
                operator=operator,
                ticket=ticket,
                link_hash=token_hash(token),
                link_until=now() + LINK_VALIDITY,
            )
            session.add(visit)
        return VisitLink(token, visit.link_until, grant_id)

    def open(self, token: str) -> SignedIn:
        """Use the link and start the visit. Raises: `Unauthenticated` (invalid_support_link), `Forbidden`."""
        with self._catalog.begin() as session:
            visit = session.scalar(
                select(SupportVisit)
                .where(SupportVisit.link_hash == token_hash(token), SupportVisit.link_until > now())
                .with_for_update()
            )
            if visit is None or visit.ended_at is not None:
                raise _invalid_link()
            visit.link_hash, visit.opened_at = None, now()
            signed_in = self._next(session, visit)
            if signed_in is None:
                raise _invalid_link()
        self._access.forget_user(visit.id)
        return signed_in

    def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange the refresh token for the next one, at most until the grant ends. A second use ends the visit.

        Raises: `Conflict` (refresh_in_progress), `Unauthenticated` (invalid_refresh_token), `Forbidden` for a
        suspended company.
        """
        visit_id, secret = _parsed(refresh_token)
        with self._catalog.begin() as session:
            visit = session.get(SupportVisit, visit_id, with_for_update=True)
            signed_in = None
            if visit is not None and visit.ended_at is None:
                digest = token_hash(secret)
                if _is_same(visit.token_hash, digest):
                    signed_in = self._next(session, visit)
                elif _was_just_replaced(visit, digest):
                    raise refresh_in_progress()
                else:
                    _end(visit)
        if signed_in is None:
            self._access.forget_user(visit_id)
            raise invalid_refresh_token()
        return signed_in

    def end(self, visit_id: str) -> None:
        """End the visit."""
        with self._catalog.begin() as session:
            visit = session.get(SupportVisit, visit_id, with_for_update=True)
            if visit is not None and visit.ended_at is None:
                _end(visit)
        self._access.forget_user(visit_id)

    def end_by_token(self, refresh_token: str) -> None:
        """End the visit that the refresh token belongs to, if it is its newest."""
        visit_id, secret = _parsed(refresh_token)
        with self._catalog.begin() as session:
            visit = session.get(SupportVisit, visit_id)
            digest = visit.token_hash if visit else None
        if _is_same(digest, token_hash(secret)):
            self.end(visit_id)

    def _next(self, session: Session, visit: SupportVisit) -> SignedIn | None:
        """Give the visit its next refresh token and return it, or None if the grant is over."""
        secret = new_token()
        visit.previous_hash, visit.token_hash = visit.token_hash, token_hash(secret)
        visit.rotated_at = now()
        session.flush()
        name, company_id, company, slug, role, state, until, is_open = session.execute(
            _VISITOR, {"visit_id": visit.id}
        ).one()
        if not is_open or state not in {"active", "suspended"}:
            return None
        if state == "suspended":
            raise suspended()
        membership = CompanyMembership(company_id, company, slug, role, state)
        session_id = f"f_{visit.id.removeprefix(f'{SUPPORT}_')}"
        started = StartedSession(session_id, f"{visit.id}.{secret}", until)
        return SignedIn(
            visit.id, name, "", membership, SUPPORT_TOKEN_VERSION, session_id, started, [membership]
        )


def _parsed(refresh_token: str) -> tuple[str, str]:
    parsed = parse_visit_token(refresh_token)
    if parsed is None:
        raise invalid_refresh_token()
    return parsed


def _is_same(kept: bytes | None, digest: bytes) -> bool:
    return kept is not None and hmac.compare_digest(kept, digest)


def _was_just_replaced(visit: SupportVisit, digest: bytes) -> bool:
    """Return whether another tab of the same browser was faster."""
    is_recent = visit.rotated_at is not None and now() < visit.rotated_at + GRACE
    return is_recent and _is_same(visit.previous_hash, digest)


def _end(visit: SupportVisit) -> None:
    visit.ended_at = now()
    visit.token_hash = visit.previous_hash = visit.link_hash = None


def _invalid_link() -> Unauthenticated:
    detail = "This link has been used, or is too old, or the access was revoked."
    return Unauthenticated(detail, code="invalid_support_link", is_of_token=False)
