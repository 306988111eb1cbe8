"""The tenants room: what views and workers can do about companies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.services.backups.company_backups import CompanyBackups
from crmtenant.services.monitoring.usage import UsageCounter
from crmtenant.services.tenants.companies import Companies
from crmtenant.services.tenants.company_jobs import CompanyJobs, JobLimits
from crmtenant.services.tenants.deletion_requests import DeletionRequests
from crmtenant.services.tenants.job_files import JobFiles
from crmtenant.services.tenants.registration import Registrar
from crmtenant.services.tenants.registrations import Registrations

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.platform.identity import IdentityRoom
    from crmtenant.security.keyring import Keyring
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.settings import Settings


@dataclass(frozen=True, slots=True)
class TenantsRoom:
    """The services about companies."""

    registrar: Registrar
    registrations: Registrations
    companies: Companies
    backups: CompanyBackups
    deletion_requests: DeletionRequests
    jobs: CompanyJobs
    job_files: JobFiles
    usage: UsageCounter


def tenants_room(
    settings: Settings,
    registrar: Registrar,
    keyring: Keyring,
    catalog: Catalog,
    identity: IdentityRoom,
    outbox: MailOutbox,
    require_room: Callable[[], None],
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
            require_room,
        ),
        companies=Companies(catalog, identity.access),
        backups=CompanyBackups(catalog),
        deletion_requests=DeletionRequests(catalog, identity.access, outbox),
        job_files=JobFiles(settings.backup_dir),
        jobs=CompanyJobs(
            catalog,
            JobLimits(
                backups=settings.owner_backups_per_day,
                restores=settings.owner_restores_per_day,
                sandboxes=settings.owner_sandboxes,
            ),
        ),
        usage=UsageCounter(catalog),
    )
