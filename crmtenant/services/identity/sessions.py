"""Sign-ins in the catalog. Each is a family of refresh tokens of which one is live (`refresh_rotation`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.errors import DomainError, NotFound, Unauthenticated
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, RefreshFamily, Tenant
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.identity.refresh_rotation import (
    RotatedSession,
    StartedSession,
    invalid_refresh_token,
    parse_token,
    rotate,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

#: How long ended sign-ins are kept.
RETENTION = timedelta(days=1)
MAX_USER_AGENT = 200

_LIVE = and_(
    RefreshFamily.revoked_at.is_(None),
    RefreshFamily.expires_at > bindparam("now"),
    RefreshFamily.rotated_at > bindparam("idle_since"),
)
_OF_USER = (
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
    """Starts, continues and ends sign-ins. Every method is a transaction of its own, so that a detected reuse
    stays recorded whatever happens to the request."""

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
    ) -> StartedSession:
        """Start a sign-in. Starting it again with the same id and secret changes nothing."""
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
        return StartedSession(family_id, f"{family_id}.{secret}", moment + self._absolute)

    def rotate(self, refresh_token: str, on_reuse: Callable[[str], None] = lambda _: None) -> RotatedSession:
        """Exchange the refresh token for the next one. `on_reuse` hears whose sign-in ended because it was used again.

        Raises: `Conflict` (refresh_in_progress) right after another use of this token; `Unauthenticated` if it is
        used, ended, expired or not ours; `Forbidden` for a suspended company.
        """
        parsed = parse_token(refresh_token)
        if parsed is None:
            raise invalid_refresh_token()
        family_id, secret = parsed
        with self._catalog.begin() as session:
            family = session.get(RefreshFamily, family_id, with_for_update=True)
            outcome = self._next(session, family, secret)
        if isinstance(outcome, DomainError):
            if family is not None and family.revoked_at is not None:
                on_reuse(family.user_id)
            raise outcome
        return outcome

    def move(self, family_id: str, user_id: str, tenant_id: str) -> None:
        """Make the sign-in one to another company. Raises: `Unauthenticated` if it is not live or not theirs."""
        with self._catalog.begin() as session:
            family = session.get(RefreshFamily, family_id, with_for_update=True)
            if family is None or family.user_id != user_id or family.revoked_at is not None:
                raise Unauthenticated
            family.tenant_id = tenant_id

    def end(self, family_id: str, user_id: str) -> None:
        """End this sign-in of this person, if it is live."""
        self._revoke(RefreshFamily.id == family_id, RefreshFamily.user_id == user_id)

    def end_own(self, family_id: str, user_id: str) -> None:
        """End this sign-in of this person. Raises: `NotFound` if it is not theirs or has ended."""
        if not self._revoke(RefreshFamily.id == family_id, RefreshFamily.user_id == user_id):
            raise NotFound

    def end_by_token(self, refresh_token: str) -> str | None:
        """End the sign-in of this refresh token and return the person's id, or None if no live sign-in has it."""
        parsed = parse_token(refresh_token)
        if parsed is None:
            return None
        family_id, secret = parsed
        digest = token_hash(secret)
        has_token = or_(RefreshFamily.token_hash == digest, RefreshFamily.previous_hash == digest)
        ended = self._revoke(RefreshFamily.id == family_id, has_token)
        return ended[0] if ended else None

    def end_all(self, user_id: str) -> None:
        """End every sign-in of this person and revoke every access token."""
        with self._catalog.begin() as session:
            session.execute(
                update(Login).where(Login.id == user_id).values(token_version=Login.token_version + 1)
            )
            end_families(session, self._clock(), user_id=user_id)

    def of_user(self, user_id: str) -> list[SignIn]:
        """Return the person's live sign-ins, the last used first."""
        moment = self._clock()
        values = {"user_id": user_id, "now": moment, "idle_since": moment - self._idle}
        with self._catalog.reading() as reader:
            return [SignIn(*row) for row in reader.rows(_OF_USER, values)]

    def sweep(self) -> None:
        """Delete sign-ins that ended more than a day ago."""
        horizon = self._clock() - RETENTION
        has_ended = or_(RefreshFamily.expires_at < horizon, RefreshFamily.revoked_at < horizon)
        with self._catalog.begin() as session:
            session.execute(delete(RefreshFamily).where(has_ended))

    def _next(
        self, session: Session, family: RefreshFamily | None, secret: str
    ) -> RotatedSession | DomainError:
        moment = self._clock()
        if family is None or not self._is_live(family, moment):
            return invalid_refresh_token()
        return rotate(session, family, secret, moment)

    def _is_live(self, family: RefreshFamily, moment: datetime) -> bool:
        is_idle = moment >= family.rotated_at + self._idle
        return family.revoked_at is None and moment < family.expires_at and not is_idle

    def _revoke(self, *conditions: ColumnElement[bool]) -> list[str]:
        """Revoke the live families that meet the conditions and return whose they were."""
        statement = (
            update(RefreshFamily)
            .where(RefreshFamily.revoked_at.is_(None), *conditions)
            .values(revoked_at=self._clock())
            .returning(RefreshFamily.user_id)
        )
        with self._catalog.begin() as session:
            return list(session.scalars(statement))


def end_families(
    session: Session, moment: datetime, *conditions: ColumnElement[bool], **columns: str
) -> None:
    """Revoke the live families that meet the conditions and have these columns (`user_id`, `tenant_id`)."""
    session.execute(
        update(RefreshFamily)
        .where(RefreshFamily.revoked_at.is_(None), *conditions)
        .filter_by(**columns)
        .values(revoked_at=moment)
    )


def _printable(user_agent: str | None) -> str | None:
    if user_agent is None:
        return None
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]
