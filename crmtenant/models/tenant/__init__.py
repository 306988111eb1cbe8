"""The tables of a company's own database.

Importing this package fills `metadata` with every one of them. No table here knows another company, a
sign-in or a server: people appear only by their opaque id.
"""

from crmtenant.models.base import TenantBase
from crmtenant.models.tenant import (
    change,
    company,
    contact,
    entry,
    essentials,
    idempotency,
    project,
    saved_view,
    task,
)

metadata = TenantBase.metadata

__all__ = [
    "change",
    "company",
    "contact",
    "entry",
    "essentials",
    "idempotency",
    "metadata",
    "project",
    "saved_view",
    "task",
]
