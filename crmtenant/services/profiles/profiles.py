"""What people change about themselves: name, address, reminders, password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import update

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid, Unauthenticated
from crmtenant.models.catalog.tables import Login, RefreshFamily
from crmtenant.services.identity.refresh_rotation import RotatedSession, next_token
from crmtenant.services.identity.sessions import end_families
from crmtenant.services.identity.sign_ins import SignedIn, signed_in
from crmtenant.services.identity.users import read_email
from crmtenant.services.mail import templates
from crmtenant.services.profiles import email_changes, password_resets

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.authentication import Authentication, Client
    from crmtenant.services.identity.sign_ins import Accounts
    from crmtenant.services.identity.users import User
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.services.profiles.email_changes import EmailChanges, PendingEmail


@dataclass(frozen=True, slots=True)
class Profile:
    """A person, and the address they have asked for but not yet confirmed."""

    user: User
    pending_email: PendingEmail | None


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What to change; None leaves a value as it is. Another address needs the current password."""

    name: str | None = None
    email: str | None = None
    wants_reminders: bool | None = None
    current_password: str | None = None


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The new password, the current one, and the sign-in that goes on."""

    current_password: str
    new_password: str
    session_id: str
    company_id: str
    language: str | None


class Profiles:
    """A person's own profile."""

    def __init__(
        self,
        catalog: Catalog,
        accounts: Accounts,
        authentication: Authentication,
        passwords: Passwords,
        access: AccessDirectory,
        outbox: MailOutbox,
        email_changes: EmailChanges,
    ) -> None:
        self._catalog = catalog
        self._accounts = accounts
        self._authentication = authentication
        self._passwords = passwords
        self._access = access
        self._outbox = outbox
        self._email_changes = email_changes

    def get(self, user_id: str) -> Profile:
        """Return the person. Raises: `Unauthenticated` if there is no such person any more."""
        user = self._accounts.user(user_id)
        with self._catalog.reading() as reader:
            return Profile(user, email_changes.find_pending(reader, user_id))

    def change(self, user_id: str, change: ProfileChange, client: Client) -> Profile:
        """Change the profile and return it. Another address counts once it is confirmed.

        Raises: `Invalid` (password_needed or wrong_password at /current_password), `TooMany`; `Conflict`
        (email_taken), only where no mails are sent.
        """
        user = self._accounts.user(user_id)
        email = read_email(change.email) if change.email not in {None, user.email} else None
        if email is not None:
            self._confirm_password(user, change, client)
            self._email_changes.count(user_id, email.key)
        with self._catalog.begin() as session:
            if change.name is not None:
                rename(session, user_id, change.name)
            if email is not None:
                self._email_changes.request(session, user, email)
            if change.wants_reminders is not None:
                set_reminders(session, user_id, is_wanted=change.wants_reminders)
        self._access.forget_user(user_id)
        return self.get(user_id)

    def change_password(self, user_id: str, change: PasswordChange, client: Client) -> SignedIn:
        """Change the password, end every other sign-in, and return the one that goes on.

        Raises: `Invalid` (wrong_password at /current_password), `Conflict`, `Unauthenticated`, `TooMany`.
        """
        self._authentication.confirm(self._accounts.user(user_id), change.current_password, client)
        # Read again: the confirmation may have stored a new hash.
        user = self._accounts.user(user_id)
        new_hash = self._passwords.hash(change.new_password)
        with self._catalog.begin() as session:
            rotated = change_password(
                session, user_id, change.session_id, old_hash=user.password_hash, new_hash=new_hash
            )
            message = templates.password_changed(change.language, name=user.name)
            self._outbox.put(session, message, user.email)
        self._access.forget_user(user_id)
        account = self._accounts.account(user, change.company_id)
        if account is None:
            raise Unauthenticated
        return signed_in(account, rotated.token_version, rotated.id, rotated)

    def _confirm_password(self, user: User, change: ProfileChange, client: Client) -> None:
        if change.current_password is None:
            detail = "Your current password is needed to change the address."
            raise Invalid(FieldError("/current_password", "password_needed", detail))
        self._authentication.confirm(user, change.current_password, client)


def rename(session: Session, user_id: str, name: str) -> None:
    """Change the person's name, in all their companies."""
    session.execute(update(Login).where(Login.id == user_id).values(name=name))


def set_reminders(session: Session, user_id: str, *, is_wanted: bool) -> None:
    """Turn the mails about due tasks on or off, for all companies of the person."""
    session.execute(update(Login).where(Login.id == user_id).values(wants_reminders=is_wanted))


def change_password(
    session: Session, user_id: str, family_id: str, *, old_hash: str, new_hash: str
) -> RotatedSession:
    """Store the new hash, end every other sign-in, revoke every access token, and return the sign-in that goes on.

    Raises: `Conflict` if the password has just been changed elsewhere, `Unauthenticated` if the sign-in has ended.
    """
    version = session.scalar(
        update(Login)
        .where(Login.id == user_id, Login.password_hash == old_hash)
        .values(password_hash=new_hash, token_version=Login.token_version + 1)
        .returning(Login.token_version)
    )
    if version is None:
        raise Conflict("The password has just been changed elsewhere.")
    password_resets.delete_all(session, user_id)
    email_changes.delete_pending(session, user_id)
    family = session.get(RefreshFamily, family_id, with_for_update=True)
    if family is None or family.user_id != user_id or family.revoked_at is not None:
        raise Unauthenticated
    token = next_token(family, now())
    session.flush()
    end_families(session, now(), RefreshFamily.id != family_id, user_id=user_id)
    return RotatedSession(family.id, token, family.expires_at, user_id, family.tenant_id, version)
