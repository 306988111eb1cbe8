"""Alembic's environment for the catalog."""

from crmtenant.db.schema.migrations import run_environment
from crmtenant.models.catalog.tables import CatalogBase

run_environment(CatalogBase.metadata)
