"""Registration as a person does it: within limits, and signed in at the end.

A repeated request under the same idempotency key gets the same answer, byte for byte: nothing in it is random or
of the moment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.permissions import Role
from crmtenant.security.first_session import FIRST_TOKEN_VERSION, first_session, request_digest
from crmtenant.services.identity import users
from crmtenant.services.identity.sign_ins import SignedIn
from crmtenant.services.identity.users import CompanyMembership, read_email
from crmtenant.services.tenants import registration_rows
from crmtenant.services.tenants.registration_rows import NewCompany

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.authentication import Client
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.identity.sessions import Sessions
    from crmtenant.services.tenants.registration import Registered, Registrar


@dataclass(frozen=True, slots=True)
class RegistrationRequest:
    """What somebody asks for. `document` is the whole request as text, to recognise a repeated one."""

    company_name: str
    person_name: str
    email: str
    password: str
    country: str | None
    currency: str | None
    language: str | None
    time_zone: str | None
    idempotency_key: str | None
    document: str


class Registrations:
    """Registers companies for people. `require_room` raises if the catalog's server is full; `session_keys` are the keys that first sign-ins are derived from, the current
    one first."""

    def __init__(
        self,
        catalog: Catalog,
        registrar: Registrar,
        passwords: Passwords,
        sessions: Sessions,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        session_keys: Callable[[], tuple[bytes, ...]],
        require_room: Callable[[], None],
    ) -> None:
        self._catalog = catalog
        self._registrar = registrar
        self._passwords = passwords
        self._sessions = sessions
        self._rate_limits = rate_limits
        self._policy = policy
        self._session_keys = session_keys
        self._require_room = require_room

    def register(self, request: RegistrationRequest, client: Client) -> SignedIn:
        """Register the company and sign its founder in. Raises what `Registrar.register` raises, `StorageFull`, `TooMany`."""
        self._require_room()
        self._rate_limits.count(self._policy.registration(), client.block)
        key = self._session_key(request)
        registered = self._registrar.register(self._new_company(request, key))
        return self._sign_in(request, registered, key, client)

    def _session_key(self, request: RegistrationRequest) -> bytes:
        """Return the current key, or the one that was current when this request was first made."""
        current, *older = self._session_keys()
        if not older or request.idempotency_key is None:
            return current
        with self._catalog.reading() as reader:
            known = registration_rows.request_hash_of(reader, request.idempotency_key)
        return next((key for key in older if request_digest(key, request.document) == known), current)

    def _new_company(self, request: RegistrationRequest, session_key: bytes) -> NewCompany:
        email = read_email(request.email)
        return NewCompany(
            company_name=request.company_name,
            person_name=request.person_name,
            email=email.address,
            email_key=email.key,
            password_hash=self._passwords.hash(request.password),
            country=request.country,
            currency=request.currency,
            language=request.language,
            time_zone=request.time_zone,
            key=request.idempotency_key,
            request_hash=request_digest(session_key, request.document),
        )

    def _sign_in(
        self, request: RegistrationRequest, registered: Registered, session_key: bytes, client: Client
    ) -> SignedIn:
        first = first_session(session_key, registered.tenant_id)
        with self._catalog.reading() as reader:
            registered_at = users.joined_at(reader, registered.user_id, registered.tenant_id)
        started = self._sessions.start(
            registered.user_id,
            registered.tenant_id,
            client.user_agent,
            family_id=first.family_id,
            secret=first.secret,
        )
        return SignedIn(
            user_id=registered.user_id,
            name=request.person_name,
            email=request.email,
            company=CompanyMembership(
                registered.tenant_id, request.company_name, registered.slug, Role.OWNER, "active"
            ),
            token_version=FIRST_TOKEN_VERSION,
            session_id=started.id,
            session=started,
            issued_at=registered_at.timestamp(),
            jti=first.jti,
        )
