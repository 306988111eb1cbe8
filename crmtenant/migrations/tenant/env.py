"""What Alembic runs to migrate a company's database."""

from crmtenant.db.migrations import run_environment
from crmtenant.models import answer, company, contact, project, saved_view, task  # noqa: F401 (fills the metadata)
from crmtenant.models.base import TenantBase

run_environment(TenantBase.metadata)
