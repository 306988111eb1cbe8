"""The identity room: what views and workers can do about people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.security.device_cookies import DeviceCookies
from crmtenant.security.passwords import Passwords
from crmtenant.security.tokens import Tokens
from crmtenant.services.identity.acceptance import InvitationAcceptance
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.identity.authentication import Authentication
from crmtenant.services.identity.email_changes import EmailChanges
from crmtenant.services.identity.memberships import Memberships
from crmtenant.services.identity.password_resets import PasswordResets
from crmtenant.services.identity.profiles import Profiles
from crmtenant.services.identity.quotas import Limits, Quotas
from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
from crmtenant.services.identity.sessions import Sessions
from crmtenant.services.identity.sign_ins import Accounts, SignIns
from crmtenant.services.jobs.email_change_mailer import EmailChangeMailer
from crmtenant.services.jobs.reset_mailer import ResetMailer

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.keyring import Keyring
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.settings import Settings


@dataclass(frozen=True, slots=True)
class IdentityRoom:
    """The services about people."""

    tokens: Tokens
    devices: DeviceCookies
    passwords: Passwords
    policy: LimitPolicy
    rate_limits: RateLimits
    access: AccessDirectory
    sessions: Sessions
    accounts: Accounts
    sign_ins: SignIns
    acceptance: InvitationAcceptance
    memberships: Memberships
    quotas: Quotas
    profiles: Profiles
    password_resets: PasswordResets
    reset_mailer: ResetMailer
    email_changes: EmailChanges
    email_change_mailer: EmailChangeMailer


def identity_room(
    settings: Settings, keyring: Keyring, catalog: Catalog, access: AccessDirectory, outbox: MailOutbox
) -> IdentityRoom:
    """Build the identity services."""
    passwords = Passwords(min_length=settings.password_min_length, parallel=settings.password_hash_parallel)
    policy = LimitPolicy(
        attempts=settings.sign_in_attempts,
        registrations=settings.registrations_per_address,
        window_seconds=settings.sign_in_window_seconds,
    )
    limits = RateLimits(catalog, lambda: keyring.keys("attempts"))
    sessions = Sessions(catalog, settings.refresh_idle_seconds, settings.refresh_absolute_seconds)
    accounts = Accounts(catalog)
    quotas = Quotas(
        catalog,
        access.forget_company,
        Limits(settings.quota_bytes, settings.quota_rows, settings.quota_seats),
    )
    devices = DeviceCookies(lambda: keyring.keys("devices"))
    authentication = Authentication(catalog, passwords, limits, policy, devices)
    email_changes = EmailChanges(catalog, limits, policy, access, outbox)
    return IdentityRoom(
        tokens=Tokens(keyring, settings.access_token_seconds),
        devices=devices,
        passwords=passwords,
        policy=policy,
        rate_limits=limits,
        access=access,
        sessions=sessions,
        accounts=accounts,
        sign_ins=SignIns(accounts, authentication, sessions, access, limits, policy),
        acceptance=InvitationAcceptance(
            catalog, authentication, passwords, sessions, access, limits, policy, quotas
        ),
        memberships=Memberships(catalog, access, outbox, limits, policy, quotas),
        quotas=quotas,
        profiles=Profiles(catalog, accounts, authentication, passwords, access, outbox, email_changes),
        password_resets=PasswordResets(catalog, passwords, limits, policy, access, outbox),
        reset_mailer=ResetMailer(catalog, outbox),
        email_changes=email_changes,
        email_change_mailer=EmailChangeMailer(catalog, outbox),
    )
