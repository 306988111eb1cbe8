"""What people change about themselves, in the catalog: name, address, password."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from crmtenant.clock import now
from crmtenant.errors import Conflict, Unauthenticated
from crmtenant.models.catalog.tables import Login, RefreshFamily
from crmtenant.services.identity import password_resets
from crmtenant.services.identity.sessions import Rotated, end_families, next_token
from crmtenant.services.identity.users import email_taken

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.text.emails import Email


def rename(session: Session, user_id: str, name: str) -> None:
    """Nothing comes back; the person is called so, in all their companies."""
    session.execute(update(Login).where(Login.id == user_id).values(name=name))


def want_reminders(session: Session, user_id: str, *, wanted: bool) -> None:
    """Nothing comes back; the person is, or is not, reminded of what is due, in all their companies."""
    session.execute(update(Login).where(Login.id == user_id).values(wants_reminders=wanted))


def readdress(session: Session, user_id: str, email: Email) -> None:
    """Nothing comes back; the person signs in with this address. `Conflict` (email_taken) if another does."""
    others = select(Login.id).where(Login.email_key == email.key, Login.id != user_id)
    if session.scalar(others) is not None:
        raise email_taken()
    session.execute(update(Login).where(Login.id == user_id).values(email=email.address, email_key=email.key))
    password_resets.drop_all(session, user_id)


def change_password(
    session: Session, user_id: str, family_id: str, *, old_hash: str, new_hash: str
) -> Rotated:
    """The one sign-in that goes on, with its next refresh token; every other is over, every access token void.

    `Conflict` if the password has just been changed elsewhere, `Unauthenticated` if the sign-in has ended.
    """
    version = session.scalar(
        update(Login)
        .where(Login.id == user_id, Login.password_hash == old_hash)
        .values(password_hash=new_hash, token_version=Login.token_version + 1)
        .returning(Login.token_version)
    )
    if version is None:
        raise Conflict("The password has just been changed elsewhere.")
    password_resets.drop_all(session, user_id)
    family = session.get(RefreshFamily, family_id, with_for_update=True)
    if family is None or family.user_id != user_id or family.revoked_at is not None:
        raise Unauthenticated
    token = next_token(family, now())
    session.flush()
    end_families(session, now(), RefreshFamily.id != family_id, user_id=user_id)
    return Rotated(family.id, token, family.expires_at, user_id, family.tenant_id, version)
