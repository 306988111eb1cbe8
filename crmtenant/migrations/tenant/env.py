"""Alembic's environment for a company's database."""

from crmtenant.db.schema.migrations import run_environment
from crmtenant.models.tenant import metadata

run_environment(metadata)
