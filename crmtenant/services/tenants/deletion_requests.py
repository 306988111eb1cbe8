"""A company whose owner wants it deleted: it goes on until its day, and can be kept until then.

Only the catalog is written. When the day has come, upkeep closes the company, makes a last backup and purges it
(services/clearing.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid, NotFound
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.tenants.lifecycle import GRACE

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def announce(session: Session, tenant_id: str, typed_slug: str) -> datetime:
    """The moment after which the company is deleted; a first request stands. `Invalid` unless the slug that was
    typed is the company's."""
    company = _locked(session, tenant_id)
    if typed_slug != company.slug:
        raise Invalid(
            FieldError("/company", "not_this_company", "Type this company's short name to confirm.")
        )
    company.delete_after = company.delete_after or now() + GRACE
    session.flush()
    return company.delete_after


def call_off(session: Session, tenant_id: str) -> None:
    """Nothing comes back; the company stays."""
    _locked(session, tenant_id).delete_after = None
    session.flush()


def _locked(session: Session, tenant_id: str) -> Tenant:
    company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if company is None or company.state != "active":
        raise NotFound
    return company
