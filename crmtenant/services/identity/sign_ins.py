"""Signing in, refreshing, switching company and signing out, as one service call each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crmtenant.errors import NotFound, Unauthenticated
from crmtenant.services.identity import users
from crmtenant.services.identity.access import suspended
from crmtenant.services.identity.authentication import Authentication, Client, invalid_credentials
from crmtenant.services.identity.support_rows import is_visitor, parse_visit_token

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.identity.refresh_rotation import StartedSession
    from crmtenant.services.identity.sessions import Sessions, SignIn
    from crmtenant.services.identity.users import CompanyMembership, User


@dataclass(frozen=True, slots=True)
class Account:
    """A user, the company they work in, and all companies they belong to."""

    user: User
    company: CompanyMembership
    companies: list[CompanyMembership]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What the access token is issued for, and what the client is told beside it.

    `session` has the refresh token, unless the client keeps the one it has. `issued_at` (seconds since the epoch)
    and `jti` are given where the very same token must be issued again.
    """

    user_id: str
    name: str
    email: str
    company: CompanyMembership
    token_version: int
    session_id: str
    session: StartedSession | None = None
    companies: list[CompanyMembership] | None = None
    issued_at: float | None = None
    jti: str | None = None


class Visits(Protocol):
    """Continues and ends the visits of support (`support_visits`)."""

    def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange the refresh token for the next one."""
        ...

    def end(self, visit_id: str) -> None:
        """End the visit."""
        ...

    def end_by_token(self, refresh_token: str) -> None:
        """End the visit of this refresh token."""
        ...


def signed_in(account: Account, version: int, session_id: str, session: StartedSession | None) -> SignedIn:
    """Return the sign-in of this account."""
    user = account.user
    return SignedIn(
        user.id, user.name, user.email, account.company, version, session_id, session, account.companies
    )


class Accounts:
    """Reads users together with their companies."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def user(self, user_id: str) -> User:
        """Return the user. Raises: `Unauthenticated` if there is none any more."""
        with self._catalog.reading() as reader:
            user = users.find_by_id(reader, user_id)
        if user is None:
            raise Unauthenticated
        return user

    def account(self, user: User, company: str | None) -> Account | None:
        """Return the user in the company with this id or slug, or in the default company; None if there is none."""
        with self._catalog.reading() as reader:
            companies = users.companies_of(reader, user.id)
        chosen = choose_company(companies, company)
        return Account(user, chosen, companies) if chosen else None

    def demo(self, email: str) -> Account | None:
        """Return the founder of the demo company in it, or None."""
        with self._catalog.reading() as reader:
            user = users.find(reader, users.read_email(email).key)
            companies = users.companies_of(reader, user.id) if user else []
        if user is None or not user.is_active or not companies or companies[0].state != "active":
            return None
        return Account(user, companies[0], companies)


class SignIns:
    """What a person does with their own sign-ins. An access token ends with its sign-in at once."""

    def __init__(
        self,
        accounts: Accounts,
        authentication: Authentication,
        sessions: Sessions,
        access: AccessDirectory,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        visits: Visits,
    ) -> None:
        self._accounts = accounts
        self._authentication = authentication
        self._sessions = sessions
        self._access = access
        self._rate_limits = rate_limits
        self._policy = policy
        self._visits = visits

    def sign_in(self, email: str, password: str, company: str | None, client: Client) -> SignedIn:
        """Start a sign-in to one of the person's companies.

        Raises: `Unauthenticated` (invalid_credentials), `Forbidden` (tenant_suspended), `TooMany`.
        """
        user = self._authentication.authenticate(email, password, client)
        account = self._accounts.account(user, company)
        if account is None:
            raise invalid_credentials()
        _require_active(account.company)
        return self._start(account, client)

    def enter_demo(self, account: Account, client: Client) -> SignedIn:
        """Start a sign-in to the demo company, which needs no password. Raises: `TooMany`."""
        self._rate_limits.count(self._policy.demo(), client.block)
        return self._start(account, client)

    def refresh(self, refresh_token: str) -> SignedIn:
        """Exchange the refresh token for the next one. Raises what `Sessions.rotate` raises."""
        if parse_visit_token(refresh_token):
            return self._visits.refresh(refresh_token)
        rotated = self._sessions.rotate(refresh_token, on_reuse=self._access.forget_user)
        account = self._accounts.account(self._accounts.user(rotated.user_id), rotated.tenant_id)
        if account is None:
            raise Unauthenticated
        return signed_in(account, rotated.token_version, rotated.id, rotated)

    def switch(self, user_id: str, session_id: str, company: str) -> SignedIn:
        """Switch the sign-in to another company. Raises: `NotFound`, `Forbidden` (tenant_suspended)."""
        user = self._accounts.user(user_id)
        account = self._accounts.account(user, company)
        if account is None:
            raise NotFound
        _require_active(account.company)
        self._sessions.move(session_id, user.id, account.company.id)
        return signed_in(account, user.token_version, session_id, None)

    def live(self, user_id: str) -> list[SignIn]:
        """Return the person's live sign-ins, the last used first."""
        return self._sessions.of_user(user_id)

    def end(self, session_id: str, user_id: str) -> None:
        """End this sign-in of the person, or this visit of support, if it is live."""
        if is_visitor(user_id):
            self._visits.end(user_id)
            return
        self._sessions.end(session_id, user_id)
        self._access.forget_user(user_id)

    def end_by_token(self, refresh_token: str) -> None:
        """End the sign-in or visit that the refresh token belongs to, if it is live."""
        if parse_visit_token(refresh_token):
            self._visits.end_by_token(refresh_token)
            return
        user_id = self._sessions.end_by_token(refresh_token)
        if user_id is not None:
            self._access.forget_user(user_id)

    def end_own(self, session_id: str, user_id: str) -> None:
        """End this sign-in of the person. Raises: `NotFound` if it is not theirs or has ended."""
        self._sessions.end_own(session_id, user_id)
        self._access.forget_user(user_id)

    def end_all(self, user_id: str) -> None:
        """End every sign-in of the person and revoke every access token."""
        self._sessions.end_all(user_id)
        self._access.forget_user(user_id)

    def _start(self, account: Account, client: Client) -> SignedIn:
        session = self._sessions.start(account.user.id, account.company.id, client.user_agent)
        return signed_in(account, account.user.token_version, session.id, session)


def choose_company(companies: Sequence[CompanyMembership], wanted: str | None) -> CompanyMembership | None:
    """Return the company with this id or slug; without one, the first that is not suspended, or the first."""
    if wanted is not None:
        return next((company for company in companies if wanted in {company.id, company.slug}), None)
    active = [company for company in companies if company.state == "active"]
    return next(iter([*active, *companies]), None)


def _require_active(company: CompanyMembership) -> None:
    if company.state == "suspended":
        raise suspended()
