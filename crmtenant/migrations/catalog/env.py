"""What Alembic runs to migrate the catalog."""

from crmtenant.db.migrations import run_environment
from crmtenant.models.catalog import CatalogBase

run_environment(CatalogBase.metadata)
