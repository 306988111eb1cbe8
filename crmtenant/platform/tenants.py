"""The tenants room: what views and workers can do about companies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.services.backups.company_backups import CompanyBackups
from crmtenant.services.fleet.usage import UsageCounter
from crmtenant.services.tenants.companies import Companies
from crmtenant.services.tenants.deletion_requests import DeletionRequests
from crmtenant.services.tenants.registration import Registrar
from crmtenant.services.tenants.registrations import Registrations

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.platform.identity import IdentityRoom
    from crmtenant.security.keyring import Keyring
    from crmtenant.services.mail.outbox import MailOutbox


@dataclass(frozen=True, slots=True)
class TenantsRoom:
    """The services about companies."""

    registrar: Registrar
    registrations: Registrations
    companies: Companies
    backups: CompanyBackups
    deletion_requests: DeletionRequests
    usage: UsageCounter


def tenants_room(
    registrar: Registrar, keyring: Keyring, catalog: Catalog, identity: IdentityRoom, outbox: MailOutbox
) -> TenantsRoom:
    """Build the services about companies."""
    return TenantsRoom(
        registrar=registrar,
        registrations=Registrations(
            catalog,
            registrar,
            identity.passwords,
            identity.sessions,
            identity.rate_limits,
            identity.policy,
            lambda: keyring.keys("first-session"),
        ),
        companies=Companies(catalog, identity.access),
        backups=CompanyBackups(catalog),
        deletion_requests=DeletionRequests(catalog, identity.access, outbox),
        usage=UsageCounter(catalog),
    )
