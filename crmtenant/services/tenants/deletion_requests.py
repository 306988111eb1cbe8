"""Deletion requests: an owner asks for their company to be deleted. Until the day comes it can be cancelled.

Only the catalog is written. On the day, the worker's cleanup (`jobs.cleanup`) closes the company, makes a last
backup and purges it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid, NotFound
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.mail import templates
from crmtenant.services.members import members
from crmtenant.services.tenants.lifecycle import GRACE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.identity.access import AccessDirectory
    from crmtenant.services.mail.outbox import MailOutbox


@dataclass(frozen=True, slots=True)
class Requester:
    """The company to delete, and who asks for it."""

    company_id: str
    company_name: str
    language: str | None
    person_name: str


class DeletionRequests:
    """Requests and cancels the deletion of companies."""

    def __init__(self, catalog: Catalog, access: AccessDirectory, outbox: MailOutbox) -> None:
        self._catalog = catalog
        self._access = access
        self._outbox = outbox

    def request(self, requester: Requester, typed_slug: str) -> datetime:
        """Request the deletion, notify the owners by mail, and return the moment after which it happens.

        Raises: `Invalid` (not_this_company) unless `typed_slug` is the company's, `NotFound`.
        """
        company_id = requester.company_id
        with self._catalog.begin() as session:
            delete_after = request(session, company_id, typed_slug)
            message = templates.company_deletion(
                requester.language,
                company=requester.company_name,
                person=requester.person_name,
                day=delete_after,
            )
            for email in members.owners_addresses(session, company_id):
                self._outbox.put(session, message, email, tenant_id=company_id)
        self._access.forget_company(company_id)
        return delete_after

    def cancel(self, company_id: str) -> None:
        """Cancel the deletion. Raises: `NotFound`."""
        with self._catalog.begin() as session:
            _locked(session, company_id).delete_after = None
        self._access.forget_company(company_id)


def request(session: Session, tenant_id: str, typed_slug: str) -> datetime:
    """Record the request and return the moment after which the company is deleted; an earlier request stands."""
    company = _locked(session, tenant_id)
    if typed_slug != company.slug:
        raise Invalid(
            FieldError("/company", "not_this_company", "Type this company's short name to confirm.")
        )
    company.delete_after = company.delete_after or now() + GRACE
    session.flush()
    return company.delete_after


def _locked(session: Session, tenant_id: str) -> Tenant:
    company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if company is None or company.state != "active":
        raise NotFound
    return company
