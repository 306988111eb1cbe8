"""Sign-ins: each is a family of refresh tokens, one alive at a time (RFC 9700, section 4.14).

A refresh token is `<family id>.<secret>`; only the SHA-256 of the secret is kept. Using one makes the next.
Using one a second time means that two have it, so the whole family dies, with its access tokens. Only in the
first seconds is it taken for what it nearly always is: another tab of the same browser, which hears 409 and
finds the new token in the cookie jar.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.errors import Conflict, DomainError, NotFound, Unauthenticated
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership, RefreshFamily, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity.access import suspended

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

GRACE = timedelta(seconds=5)
REMEMBERED = timedelta(days=1)
MAX_USER_AGENT = 200

_TOKEN = re.compile(r"(f_[a-z2-7]{26})\.([A-Za-z0-9_-]{43})")

_LIVE = and_(
    RefreshFamily.revoked_at.is_(None),
    RefreshFamily.expires_at > bindparam("now"),
    RefreshFamily.rotated_at > bindparam("idle_since"),
)
_OF_PERSON = (
    select(
        RefreshFamily.id,
        Tenant.id,
        Tenant.name,
        RefreshFamily.user_agent,
        RefreshFamily.created_at,
        RefreshFamily.rotated_at,
        RefreshFamily.expires_at,
    )
    .join(Tenant)
    .where(RefreshFamily.user_id == bindparam("user_id"), _LIVE)
    .order_by(RefreshFamily.rotated_at.desc(), RefreshFamily.id)
)
_STANDING = (
    select(Login.is_active, Login.token_version, Membership.state, Tenant.state)
    .join_from(Membership, Login)
    .join(Tenant)
    .where(Membership.user_id == bindparam("user_id"), Membership.tenant_id == bindparam("tenant_id"))
)


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in and its refresh token, which is told once."""

    id: str
    refresh_token: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Rotated(Started):
    """The next refresh token of a sign-in, and whom the next access token is for."""

    user_id: str
    tenant_id: str
    token_version: int


@dataclass(frozen=True, slots=True)
class SignIn:
    """A live sign-in as its person may see it."""

    id: str
    company_id: str
    company_name: str
    user_agent: str | None
    created_at: datetime
    used_at: datetime
    expires_at: datetime


class Sessions:
    """Starts, continues and ends sign-ins. Every method is a transaction of its own: a reuse that was found
    stays found, whatever becomes of the request."""

    def __init__(
        self, catalog: Catalog, idle_seconds: int, absolute_seconds: int, clock: Callable[[], datetime] = now
    ) -> None:
        self._catalog = catalog
        self._idle = timedelta(seconds=idle_seconds)
        self._absolute = timedelta(seconds=absolute_seconds)
        self._clock = clock

    def start(
        self,
        user_id: str,
        tenant_id: str,
        user_agent: str | None = None,
        *,
        family_id: str | None = None,
        secret: str | None = None,
    ) -> Started:
        """A new sign-in. With a given id and secret it can be asked for again, and is the same again."""
        family_id, secret = family_id or new_id("f"), secret or new_token()
        moment = self._clock()
        row = {
            "id": family_id,
            "user_id": user_id,
            "tenant_id": tenant_id,
            "token_hash": token_hash(secret),
            "user_agent": _printable(user_agent),
            "created_at": moment,
            "rotated_at": moment,
            "expires_at": moment + self._absolute,
        }
        with self._catalog.begin() as session:
            session.execute(insert(RefreshFamily).values(row).on_conflict_do_nothing())
        return Started(family_id, f"{family_id}.{secret}", moment + self._absolute)

    def rotate(self, refresh_token: str) -> Rotated:
        """The next token. `Conflict` (refresh_in_progress) right after another use of this one;
        `Unauthenticated` if it is spent, ended, expired or not ours; `Forbidden` for a suspended company."""
        family_id, secret = _parts(refresh_token)
        with self._catalog.begin() as session:
            family = session.get(RefreshFamily, family_id, with_for_update=True)
            # Returned, not raised: raising here would roll the revocation back.
            outcome = self._next(session, family, secret)
        if isinstance(outcome, DomainError):
            raise outcome
        return outcome

    def move(self, family_id: str, user_id: str, tenant_id: str) -> None:
        """Nothing comes back; this sign-in is about another company from now on."""
        with self._catalog.begin() as session:
            family = session.get(RefreshFamily, family_id, with_for_update=True)
            if family is None or family.user_id != user_id or family.revoked_at is not None:
                raise Unauthenticated
            family.tenant_id = tenant_id

    def end(self, family_id: str, user_id: str) -> None:
        """Nothing comes back; this sign-in of this person is over, if it was not."""
        self._revoke(RefreshFamily.id == family_id, RefreshFamily.user_id == user_id)

    def end_own(self, family_id: str, user_id: str) -> None:
        """Nothing comes back; the person's sign-in is over. `NotFound` if it is not theirs or was over."""
        if not self._revoke(RefreshFamily.id == family_id, RefreshFamily.user_id == user_id):
            raise NotFound

    def end_by_token(self, refresh_token: str) -> str | None:
        """The id of the person whose sign-in is now over, or None if this token says nothing to us."""
        match = _TOKEN.fullmatch(refresh_token)
        if match is None:
            return None
        digest = token_hash(match[2])
        is_its = or_(RefreshFamily.token_hash == digest, RefreshFamily.previous_hash == digest)
        ended = self._revoke(RefreshFamily.id == match[1], is_its)
        return ended[0] if ended else None

    def end_all(self, user_id: str) -> None:
        """Nothing comes back; every sign-in of this person is over and every access token void."""
        with self._catalog.begin() as session:
            session.execute(
                update(Login).where(Login.id == user_id).values(token_version=Login.token_version + 1)
            )
            end_families(session, self._clock(), user_id=user_id)

    def of_person(self, user_id: str) -> list[SignIn]:
        """The person's live sign-ins, the last used first."""
        moment = self._clock()
        values = {"user_id": user_id, "now": moment, "idle_since": moment - self._idle}
        with self._catalog.reading() as reader:
            return [SignIn(*row) for row in reader.rows(_OF_PERSON, values)]

    def sweep(self) -> None:
        """Nothing comes back; sign-ins that have been over for a day are gone."""
        horizon = self._clock() - REMEMBERED
        is_over = or_(RefreshFamily.expires_at < horizon, RefreshFamily.revoked_at < horizon)
        with self._catalog.begin() as session:
            session.execute(delete(RefreshFamily).where(is_over))

    def _next(self, session: Session, family: RefreshFamily | None, secret: str) -> Rotated | DomainError:
        moment = self._clock()
        if family is None or not self._is_live(family, moment):
            return _refused()
        digest = token_hash(secret)
        if not hmac.compare_digest(family.token_hash, digest):
            return _reused(family, digest, moment)
        standing = _standing(session, family)
        if isinstance(standing, DomainError):
            return standing
        token = next_token(family, moment)
        return Rotated(family.id, token, family.expires_at, family.user_id, family.tenant_id, standing)

    def _is_live(self, family: RefreshFamily, moment: datetime) -> bool:
        is_idle = moment >= family.rotated_at + self._idle
        return family.revoked_at is None and moment < family.expires_at and not is_idle

    def _revoke(self, *which: object) -> list[str]:
        statement = (
            update(RefreshFamily)
            .where(RefreshFamily.revoked_at.is_(None), *which)  # type: ignore[arg-type]  # conditions
            .values(revoked_at=self._clock())
            .returning(RefreshFamily.user_id)
        )
        with self._catalog.begin() as session:
            return list(session.scalars(statement))


def next_token(family: RefreshFamily, moment: datetime) -> str:
    """The refresh token that takes the place of the family's live one."""
    secret = new_token()
    family.previous_hash, family.token_hash = family.token_hash, token_hash(secret)
    family.rotated_at = moment
    return f"{family.id}.{secret}"


def end_families(session: Session, moment: datetime, *but: ColumnElement[bool], **of: str) -> None:
    """Nothing comes back; the live families with these columns (`user_id`, `tenant_id`) are revoked."""
    session.execute(
        update(RefreshFamily)
        .where(RefreshFamily.revoked_at.is_(None), *but)
        .filter_by(**of)
        .values(revoked_at=moment)
    )


def _standing(session: Session, family: RefreshFamily) -> int | DomainError:
    """The person's token version, or why they get no token for this company any more."""
    found = session.execute(_STANDING, {"user_id": family.user_id, "tenant_id": family.tenant_id}).first()
    if found is None:
        return _refused()
    is_active, token_version, membership_state, tenant_state = found
    if not is_active or membership_state != "active" or tenant_state not in {"active", "suspended"}:
        return _refused()
    return suspended() if tenant_state == "suspended" else int(token_version)


def _reused(family: RefreshFamily, digest: bytes, moment: datetime) -> DomainError:
    """The answer to a token that is not the live one; unless another tab was just faster, the family dies."""
    is_previous = family.previous_hash is not None and hmac.compare_digest(family.previous_hash, digest)
    if is_previous and moment < family.rotated_at + GRACE:
        return Conflict("Another refresh has just been made.", code="refresh_in_progress")
    family.revoked_at = moment
    return _refused()


def _refused() -> Unauthenticated:
    return Unauthenticated("A valid refresh token is required.", code="invalid_refresh_token")


def _parts(refresh_token: str) -> tuple[str, str]:
    match = _TOKEN.fullmatch(refresh_token)
    if match is None:
        raise _refused()
    return match[1], match[2]


def _printable(user_agent: str | None) -> str | None:
    if user_agent is None:
        return None
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]
