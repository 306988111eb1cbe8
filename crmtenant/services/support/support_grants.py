"""Support access as owners have it: they grant it for a while, see who came, and revoke it at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select, update

from crmtenant.clock import now
from crmtenant.errors import Conflict, NotFound
from crmtenant.ids import new_id
from crmtenant.models.catalog.support import SupportGrant, SupportVisit
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.identity.support_rows import Grant, counts, grants_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.access import AccessDirectory


class SupportGrants:
    """Makes, lists and revokes the grants of companies. A revocation holds within a second, in every process."""

    def __init__(self, catalog: Catalog, access: AccessDirectory) -> None:
        self._catalog = catalog
        self._access = access

    def of_company(self, tenant_id: str) -> list[Grant]:
        """Return the company's grants and who came, the newest first."""
        with self._catalog.reading() as reader:
            return grants_of(reader, tenant_id)

    def grant(self, tenant_id: str, user_id: str, *, role: str, reason: str, hours: int) -> Grant:
        """Let operators enter for so many hours. Raises: `Conflict` (support_granted) if they may already."""
        with self._catalog.begin() as session:
            _lock(session, tenant_id)
            is_open = session.scalar(
                select(func.count()).where(
                    SupportGrant.tenant_id == tenant_id, SupportGrant.granted_by.is_not(None), counts()
                )
            )
            if is_open:
                raise Conflict("Support has access already.", code="support_granted")
            grant = SupportGrant(
                id=new_id("g"),
                tenant_id=tenant_id,
                granted_by=user_id,
                role=role,
                reason=reason,
                until=now() + timedelta(hours=hours),
            )
            session.add(grant)
        return self._one(tenant_id, grant.id)

    def revoke(self, tenant_id: str, grant_id: str, *, by: str) -> None:
        """End the grant and every visit under it. Raises: `NotFound`."""
        with self._catalog.begin() as session:
            grant = session.get(SupportGrant, grant_id, with_for_update=True)
            if grant is None or grant.tenant_id != tenant_id:
                raise NotFound
            if grant.revoked_at is None:
                grant.revoked_at, grant.revoked_by = now(), by
            end_visits(session, grant_id)
        self._access.forget_company(tenant_id)

    def _one(self, tenant_id: str, grant_id: str) -> Grant:
        return next(grant for grant in self.of_company(tenant_id) if grant.id == grant_id)


def end_visits(session: Session, grant_id: str) -> None:
    """End the visits under this grant, used links and unused ones."""
    session.execute(
        update(SupportVisit)
        .where(SupportVisit.grant_id == grant_id, SupportVisit.ended_at.is_(None))
        .values(ended_at=now(), link_hash=None, token_hash=None, previous_hash=None)
    )


def _lock(session: Session, tenant_id: str) -> None:
    """Lock the company, so that no two grants are made at once. Raises: `NotFound`."""
    found = session.scalar(select(Tenant.id).where(Tenant.id == tenant_id).with_for_update(key_share=True))
    if found is None:
        raise NotFound
