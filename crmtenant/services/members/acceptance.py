"""Accepting an invitation: whoever has a login proves it, whoever has none creates one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmtenant.errors import Invalid
from crmtenant.security.first_session import FIRST_TOKEN_VERSION
from crmtenant.services.identity import users
from crmtenant.services.identity.sign_ins import SignedIn
from crmtenant.services.identity.users import CompanyMembership
from crmtenant.services.members import invitations
from crmtenant.services.members.invitations import NewLogin, OpenInvitation

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.security.passwords import Passwords
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.authentication import Authentication, Client
    from crmtenant.services.identity.quotas import Quotas
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.identity.sessions import Sessions


class InvitationAcceptance:
    """Makes members of people who were invited."""

    def __init__(
        self,
        catalog: Catalog,
        authentication: Authentication,
        passwords: Passwords,
        sessions: Sessions,
        access: AccessDirectory,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        quotas: Quotas,
    ) -> None:
        self._catalog = catalog
        self._authentication = authentication
        self._passwords = passwords
        self._sessions = sessions
        self._access = access
        self._rate_limits = rate_limits
        self._policy = policy
        self._quotas = quotas

    def accept(self, token: str, name: str, password: str, client: Client) -> SignedIn:
        """Make the invited person a member and sign them in.

        Raises: `Invalid` (invalid_invitation, or what is wrong with a new password), `Unauthenticated` if the
        password is not that of the existing login, `Conflict` (already_member), `QuotaExceeded`, `TooMany`.
        """
        self._rate_limits.count(self._policy.registration(), client.block)
        with self._catalog.reading() as reader:
            invitation = invitations.get_open(reader, token)
            has_login = users.find(reader, invitation.email.key) is not None
        address = invitation.email.address
        user = self._authentication.authenticate(address, password, client) if has_login else None
        # Hashed outside the transaction: it is slow, and the transaction locks the company's row.
        joining = user.id if user else self._new_login(name, password, invitation)
        with self._catalog.begin() as session:
            user_id = invitations.accept(session, token, joining)
            self._quotas.require_seats_for_all(session, invitation.tenant_id)
        self._access.forget_user(user_id)
        started = self._sessions.start(user_id, invitation.tenant_id, client.user_agent)
        return SignedIn(
            user_id=user_id,
            name=user.name if user else name,
            email=address,
            company=CompanyMembership(
                invitation.tenant_id, invitation.company_name, invitation.slug, invitation.role, "active"
            ),
            token_version=user.token_version if user else FIRST_TOKEN_VERSION,
            session_id=started.id,
            session=started,
        )

    def _new_login(self, name: str, password: str, invitation: OpenInvitation) -> NewLogin:
        own_words = [name, invitation.email.address, invitation.company_name]
        if field_error := self._passwords.field_error(password, own_words):
            raise Invalid(field_error)
        return NewLogin(name, self._passwords.hash(password))
