"""Whom a request's token lets in, and where to: found out once, and kept for as long as everything it follows from holds.

That is the catalog's answer, which is forgotten at once with every change this process makes and is never older than
`lookup_ttl_seconds`; the signing secrets; and the token, which expires. Refusals are not kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from crmtenant.errors import Unauthenticated
from crmtenant.lru_cache import LruCache
from crmtenant.permissions import ROLE_PERMISSIONS, SUPPORT_PERMISSIONS
from crmtenant.security.identity import Identity
from crmtenant.security.tokens import MAX_LENGTH, bearer
from crmtenant.services.identity.support_rows import is_visitor

if TYPE_CHECKING:
    from crmtenant.db.pool.address import DatabaseAddress
    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.security.keyring import Keyring
    from crmtenant.security.tokens import Claims, Tokens
    from crmtenant.services.identity.access import Access, AccessDirectory, Found
    from crmtenant.services.identity.quotas import Holding

#: Each takes 2.5 kB with all it refers to, and 1.2 kB more with the longest token: 15 MB at most. More people than this
#: within half a second are more than a process serves.
MAX_ENTRIES = 4096
MAX_HEADER = len("Bearer ") + MAX_LENGTH
COMPANIES_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class Admission:
    """Whose request it is, where the company's database is, and how much is in it, and whether it may be written to.

    `is_at_home`: on the catalog's server, whose disk this process may see for itself.
    """

    identity: Identity
    address: DatabaseAddress
    holding: Holding
    is_at_home: bool
    server_is_full: bool


class _Kept(NamedTuple):
    admission: Admission
    claims: Claims
    found: Found
    secrets: tuple[str, ...]


class Admissions:
    """Admits requests by their Authorization header."""

    def __init__(
        self, tokens: Tokens, keyring: Keyring, access: AccessDirectory, addresses: Addresses
    ) -> None:
        self._tokens = tokens
        self._keyring = keyring
        self._access = access
        self._addresses = addresses
        self._kept: LruCache[str, _Kept] = LruCache(MAX_ENTRIES)
        self._companies: LruCache[int, str] = LruCache(COMPANIES_REMEMBERED)

    def admit(self, header: str | None) -> Admission:
        """Return whom this header lets in.

        Raises: `Unauthenticated` without a valid token, `Forbidden` while the company is suspended, `Unavailable`
        while it is not served.
        """
        if header is None:
            raise Unauthenticated(is_of_token=False)
        kept = self._kept.peek(header)
        if kept is None or not self._holds(kept):
            kept = self._look_up(header)
        return kept.admission

    def company_of(self, header: str) -> str | None:
        """Return the company that this header let in last, long ago perhaps."""
        return self._companies.get(hash(header))

    def signed_company_of(self, header: str) -> str | None:
        """Return the company that the token in this header was issued for, revoked or not."""
        try:
            return self._read(header).tenant_id
        except Unauthenticated:
            return None

    def _read(self, header: str) -> Claims:
        return self._tokens.read(bearer([header]) or "")

    def _holds(self, kept: _Kept) -> bool:
        is_of_secrets = kept.secrets is self._keyring.secrets()
        return (
            is_of_secrets and self._access.is_good(kept.found) and not self._tokens.has_expired(kept.claims)
        )

    def _look_up(self, header: str) -> _Kept:
        # Before anything is read with them: if they change meanwhile, what is kept holds no longer.
        secrets = self._keyring.secrets()
        claims = self._read(header)
        found = self._access.found(claims.tenant_id, claims.user_id, claims.token_version)
        if found is None:
            raise Unauthenticated
        access = found.access
        refusal = access.refusal(claims.token_version, claims.session_id)
        if refusal is not None:
            raise refusal
        address = self._addresses.of(access, claims.tenant_id)
        admission = Admission(
            _identity(claims, access), address, access.holding, access.host is None, access.server_is_full
        )
        kept = _Kept(admission, claims, found, secrets)
        if len(header) <= MAX_HEADER:
            self._kept.put(header, kept)
        self._companies.put(hash(header), claims.tenant_id)
        return kept


def _identity(claims: Claims, access: Access) -> Identity:
    is_support = is_visitor(claims.user_id)
    return Identity(
        user_id=claims.user_id,
        person_name=access.person_name,
        email=access.email,
        session_id=claims.session_id,
        company_id=claims.tenant_id,
        company_name=access.company_name,
        slug=access.slug,
        role=access.role,
        company_epoch=access.epoch,
        permissions=(SUPPORT_PERMISSIONS if is_support else ROLE_PERMISSIONS)[access.role],
        country=access.country,
        currency=access.currency,
        language=access.language,
        time_zone=access.time_zone,
        delete_after=access.delete_after,
        expires_at=access.expires_at,
        via="support" if is_support else "session",
    )
