"""Rotation of refresh tokens (RFC 9700, section 4.14): each use replaces the token, a second use ends the sign-in.

A refresh token is `<family id>.<secret>`; only the SHA-256 of the secret is stored. A token that is used twice is
known to two parties, so the whole family is revoked, with its access tokens. The first seconds are the exception:
then it is nearly always another tab of the same browser, which gets a 409 and finds the new token in the cookie
jar.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from crmtenant.errors import Conflict, DomainError, Unauthenticated
from crmtenant.models.catalog.tables import Login, Membership, RefreshFamily, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity.access import suspended

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

GRACE = timedelta(seconds=5)

_TOKEN = re.compile(r"(f_[a-z2-7]{26})\.([A-Za-z0-9_-]{43})")
_PERMISSION_STATE = (
    select(Login.is_active, Login.token_version, Membership.state, Tenant.state)
    .join_from(Membership, Login)
    .join(Tenant)
    .where(Membership.user_id == bindparam("user_id"), Membership.tenant_id == bindparam("tenant_id"))
)


@dataclass(frozen=True, slots=True)
class StartedSession:
    """A sign-in and its refresh token, which is returned only here."""

    id: str
    refresh_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RotatedSession(StartedSession):
    """A sign-in with its next refresh token, and whom the next access token is for."""

    user_id: str
    tenant_id: str
    token_version: int


def parse_token(refresh_token: str) -> tuple[str, str] | None:
    """Return the family id and the secret, or None if the text is no refresh token."""
    match = _TOKEN.fullmatch(refresh_token)
    return (match[1], match[2]) if match else None


def invalid_refresh_token() -> Unauthenticated:
    """Return the one error for every refresh token that is refused."""
    return Unauthenticated("A valid refresh token is required.", code="invalid_refresh_token")


def refresh_in_progress() -> Conflict:
    """Return the error for a token that another tab was just faster with."""
    return Conflict("Another refresh has just been made.", code="refresh_in_progress")


def rotate(
    session: Session, family: RefreshFamily, secret: str, moment: datetime
) -> RotatedSession | DomainError:
    """Return the live family with its next token, or the error. The error is returned because raising it would
    roll a revocation back."""
    digest = token_hash(secret)
    if not hmac.compare_digest(family.token_hash, digest):
        return _reuse(family, digest, moment)
    version = _token_version(session, family)
    if isinstance(version, DomainError):
        return version
    token = next_token(family, moment)
    return RotatedSession(family.id, token, family.expires_at, family.user_id, family.tenant_id, version)


def next_token(family: RefreshFamily, moment: datetime) -> str:
    """Replace the family's live refresh token and return the new one."""
    secret = new_token()
    family.previous_hash, family.token_hash = family.token_hash, token_hash(secret)
    family.rotated_at = moment
    return f"{family.id}.{secret}"


def _token_version(session: Session, family: RefreshFamily) -> int | DomainError:
    """Return the person's token version, or why they get no more tokens for this company."""
    found = session.execute(
        _PERMISSION_STATE, {"user_id": family.user_id, "tenant_id": family.tenant_id}
    ).first()
    if found is None:
        return invalid_refresh_token()
    is_active, token_version, membership_state, tenant_state = found
    if not is_active or membership_state != "active" or tenant_state not in {"active", "suspended"}:
        return invalid_refresh_token()
    return suspended() if tenant_state == "suspended" else int(token_version)


def _reuse(family: RefreshFamily, digest: bytes, moment: datetime) -> DomainError:
    """Return the error for a token that is not the live one. Unless another tab was just faster, revoke the
    family."""
    is_previous = family.previous_hash is not None and hmac.compare_digest(family.previous_hash, digest)
    if is_previous and moment < family.rotated_at + GRACE:
        return refresh_in_progress()
    family.revoked_at = moment
    return invalid_refresh_token()
