"""The identity room: what views and workers can do about people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.platform.admission import Admissions
from crmtenant.security.device_cookies import DeviceCookies
from crmtenant.security.passwords import Passwords
from crmtenant.security.tokens import Tokens
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.identity.authentication import Authentication
from crmtenant.services.identity.operator_accounts import OperatorAccounts
from crmtenant.services.identity.quotas import Limits, Quotas
from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
from crmtenant.services.identity.sessions import Sessions
from crmtenant.services.identity.sign_ins import Accounts, SignIns
from crmtenant.services.jobs.email_change_mailer import EmailChangeMailer
from crmtenant.services.jobs.reset_mailer import ResetMailer
from crmtenant.services.members.acceptance import InvitationAcceptance
from crmtenant.services.members.memberships import Memberships
from crmtenant.services.profiles.email_changes import EmailChanges
from crmtenant.services.profiles.password_choices import PasswordChoices
from crmtenant.services.profiles.password_resets import PasswordResets
from crmtenant.services.profiles.profiles import Profiles
from crmtenant.services.support.break_glass import BreakGlass
from crmtenant.services.support.support_grants import SupportGrants
from crmtenant.services.support.support_visits import SupportVisits

if TYPE_CHECKING:
    from crmtenant.db.pool.addresses import Addresses
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
    password_choices: PasswordChoices
    policy: LimitPolicy
    rate_limits: RateLimits
    access: AccessDirectory
    admissions: Admissions
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
    support_grants: SupportGrants
    support_visits: SupportVisits
    break_glass: BreakGlass
    operator_accounts: OperatorAccounts


def identity_room(
    settings: Settings,
    keyring: Keyring,
    catalog: Catalog,
    addresses: Addresses,
    access: AccessDirectory,
    outbox: MailOutbox,
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
    visits = SupportVisits(catalog, access)
    tokens = Tokens(keyring, settings.access_token_seconds)
    return IdentityRoom(
        tokens=tokens,
        devices=devices,
        passwords=passwords,
        password_choices=PasswordChoices(passwords, limits, policy),
        policy=policy,
        rate_limits=limits,
        access=access,
        admissions=Admissions(tokens, keyring, access, addresses),
        sessions=sessions,
        accounts=accounts,
        sign_ins=SignIns(accounts, authentication, sessions, access, limits, policy, visits),
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
        support_grants=SupportGrants(catalog, access),
        support_visits=visits,
        break_glass=BreakGlass(catalog, outbox),
        operator_accounts=OperatorAccounts(catalog, passwords, limits, policy),
    )
