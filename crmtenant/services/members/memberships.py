"""The members of a company and the invitations to it, as one service call each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.errors import NotFound
from crmtenant.services.identity.users import read_email
from crmtenant.services.members import invitations, members, pending_invitations

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.identity.quotas import Quotas
    from crmtenant.services.identity.rate_limits import LimitPolicy, RateLimits
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.services.members.invitations import NewInvitation
    from crmtenant.services.members.members import Member
    from crmtenant.services.members.pending_invitations import PendingInvitation


@dataclass(frozen=True, slots=True)
class Invitee:
    """Whom to invite, and in which role."""

    email: str
    name: str | None
    role: str


class Memberships:
    """Reads and changes who belongs to a company. `actor_id` is whoever makes the change."""

    def __init__(
        self,
        catalog: Catalog,
        access: AccessDirectory,
        outbox: MailOutbox,
        rate_limits: RateLimits,
        policy: LimitPolicy,
        quotas: Quotas,
    ) -> None:
        self._catalog = catalog
        self._access = access
        self._outbox = outbox
        self._rate_limits = rate_limits
        self._policy = policy
        self._quotas = quotas

    def all(self, tenant_id: str) -> list[Member]:
        """Return every active member, by name."""
        with self._catalog.reading() as reader:
            return members.find_all(reader, tenant_id)

    def left(self, tenant_id: str) -> list[Member]:
        """Return everybody who left the company, by name."""
        with self._catalog.reading() as reader:
            return members.find_left(reader, tenant_id)

    def require_known(self, tenant_id: str, user_id: str) -> None:
        """Raise `NotFound` unless the person is, or was, a member of the company."""
        with self._catalog.reading() as reader:
            if not members.were_member(reader, tenant_id, user_id):
                raise NotFound

    def get(self, tenant_id: str, user_id: str) -> Member:
        """Return the member. Raises: `NotFound`."""
        with self._catalog.reading() as reader:
            member = members.find(reader, tenant_id, user_id)
        if member is None:
            raise NotFound
        return member

    def are_members(self, tenant_id: str, user_ids: Iterable[str]) -> bool:
        """Return whether every one of these people is an active member."""
        with self._catalog.reading() as reader:
            return members.are_members(reader, tenant_id, user_ids)

    def active_among(self, tenant_id: str, user_ids: Iterable[str]) -> set[str]:
        """Return those of these people who are active members and may sign in."""
        with self._catalog.reading() as reader:
            return members.active_among(reader, tenant_id, user_ids)

    def invite(self, tenant_id: str, invitee: Invitee, *, actor_id: str, actor_name: str) -> NewInvitation:
        """Invite somebody, by mail too.

        Raises: `Invalid`, `Forbidden`, `QuotaExceeded`, `Conflict` (already_member), `TooMany`.
        """
        email = read_email(invitee.email)
        self._count(tenant_id, email.key)
        with self._catalog.begin() as session:
            members.check_invitable(session, tenant_id, email, invitee.role, actor_id=actor_id)
            self._quotas.require_seat(session, tenant_id, email.key)
            invitation = invitations.invite(
                session, tenant_id, email, invitee.name, invitee.role, actor_id=actor_id
            )
            return invitations.mail_invitation(session, self._outbox, tenant_id, actor_name, invitation)

    def pending(self, tenant_id: str) -> list[PendingInvitation]:
        """Return the company's open invitations, the newest first."""
        with self._catalog.reading() as reader:
            return pending_invitations.find_all(reader, tenant_id)

    def resend(self, tenant_id: str, invitation_id: str, *, actor_id: str, actor_name: str) -> NewInvitation:
        """Replace the invitation by a new one of the actor, by mail too; the older link ends.

        Raises: `NotFound`, `Forbidden`, `QuotaExceeded`, `Conflict` (already_member), `TooMany`.
        """
        with self._catalog.begin() as session:
            members.lock_company(session, tenant_id)
            found = pending_invitations.locked(session, tenant_id, invitation_id)
            invitee = Invitee(found.email, found.name, found.role)
        return self.invite(tenant_id, invitee, actor_id=actor_id, actor_name=actor_name)

    def withdraw(self, tenant_id: str, invitation_id: str, *, actor_id: str) -> None:
        """End the invitation. Raises: `NotFound`, `Forbidden`."""
        with self._catalog.begin() as session:
            role = members.authorise(session, tenant_id, actor_id)
            invitation = pending_invitations.locked(session, tenant_id, invitation_id)
            members.require_owner_for(role, invitation.role)
            session.delete(invitation)

    def _count(self, tenant_id: str, email_key: str) -> None:
        self._rate_limits.count(self._policy.invitation_of(), tenant_id)
        self._rate_limits.count(self._policy.invitation_to(), email_key)

    def change_role(self, tenant_id: str, user_id: str, role: str, *, actor_id: str) -> Member:
        """Change the member's role, as of the next request. Raises what `members.change_role` raises."""
        with self._catalog.begin() as session:
            member = members.change_role(session, tenant_id, user_id, role, actor_id=actor_id)
        self._access.forget_user(user_id)
        return member

    def remove(self, tenant_id: str, user_id: str, *, actor_id: str) -> None:
        """Remove the member and sign them out of the company. Raises what `members.remove` raises."""
        with self._catalog.begin() as session:
            members.remove(session, tenant_id, user_id, actor_id=actor_id)
        self._access.forget_user(user_id)
