"""Users: found by e-mail address or id, with the companies they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.errors import Conflict, FieldError, Invalid, NotFound
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.text.emails import Email, parse_email

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in."""

    id: str
    email: str
    name: str
    password_hash: str
    token_version: int
    is_active: bool
    wants_reminders: bool


@dataclass(frozen=True, slots=True)
class CompanyMembership:
    """A company that a user belongs to, and their role in it."""

    id: str
    name: str
    slug: str
    role: str
    state: str


_USER = select(
    Login.id,
    Login.email,
    Login.name,
    Login.password_hash,
    Login.token_version,
    Login.is_active,
    Login.wants_reminders,
)
_BY_KEY = _USER.where(Login.email_key == bindparam("email_key"))
_BY_ID = _USER.where(Login.id == bindparam("user_id"))

_COMPANIES = (
    select(Tenant.id, Tenant.name, Tenant.slug, Membership.role, Tenant.state)
    .join_from(Membership, Tenant)
    .where(
        Membership.user_id == bindparam("user_id"),
        Membership.state == "active",
        or_(Tenant.state == "active", Tenant.state == "suspended"),
    )
    .order_by(Membership.created_at, Tenant.id)
)
_JOINED_AT = select(Membership.created_at).where(
    Membership.user_id == bindparam("user_id"), Membership.tenant_id == bindparam("tenant_id")
)


def read_email(text: str, pointer: str = "/email") -> Email:
    """Return the address somebody signs in with, normalised.

    Raises: `Invalid` (invalid_email at `pointer`) if the text is not an e-mail address.
    """
    try:
        return parse_email(text)
    except ValueError:
        raise Invalid(FieldError(pointer, "invalid_email", "This is not an e-mail address.")) from None


def find(reader: Reader, email_key: str) -> User | None:
    """Return the user with this address, or None."""
    row = reader.row(_BY_KEY, {"email_key": email_key})
    return User(*row) if row else None


def find_by_id(reader: Reader, user_id: str) -> User | None:
    """Return the user with this id, or None."""
    row = reader.row(_BY_ID, {"user_id": user_id})
    return User(*row) if row else None


def companies_of(reader: Reader, user_id: str) -> list[CompanyMembership]:
    """Return the active and suspended companies the user belongs to, in the order they joined them."""
    return [CompanyMembership(*row) for row in reader.rows(_COMPANIES, {"user_id": user_id})]


def joined_at(reader: Reader, user_id: str, tenant_id: str) -> datetime:
    """Return when the user became a member of the company; for its founder, when it was registered.

    Raises: `NotFound`.
    """
    row = reader.row(_JOINED_AT, {"user_id": user_id, "tenant_id": tenant_id})
    if row is None:
        raise NotFound
    moment: datetime = row[0]
    return moment


def replace_hash(session: Session, user_id: str, old_hash: str, new_hash: str) -> None:
    """Store the new password hash, unless the old one has been changed in the meantime."""
    session.execute(
        update(Login)
        .where(Login.id == user_id, Login.password_hash == old_hash)
        .values(password_hash=new_hash)
    )


def create(session: Session, *, email: Email, name: str, password_hash: str) -> str:
    """Create a user and return their id.

    Raises: `Conflict` (email_taken) if somebody has this address.
    """
    row = {
        "id": new_id("u"),
        "email": email.address,
        "email_key": email.key,
        "name": name,
        "password_hash": password_hash,
    }
    created: str | None = session.scalar(
        insert(Login).values(row).on_conflict_do_nothing().returning(Login.id)
    )
    if created is None:
        raise email_taken()
    return created


def email_taken() -> Conflict:
    """Return the error for an address that somebody else has."""
    return Conflict("There is a login with this address already.", code="email_taken")
