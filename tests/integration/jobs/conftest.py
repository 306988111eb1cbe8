"""An installation in the morning, and a company whose owner asks for jobs."""

import pytest

from crmtenant.services.jobs.company_jobs import CompanyJobRunner
from crmtenant.services.tenants.company_jobs import Asker, CompanyJobs, JobLimits
from tests.integration.jobs.morning import Morning
from tests.integration.saving import busy_company
from tests.nouns import NOUNS


@pytest.fixture
def morning(installation):
    return Morning(installation)


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def owner(installation):
    return Asker(*busy_company(installation))


@pytest.fixture
def jobs(installation):
    return CompanyJobs(installation.catalog, JobLimits(backups=3, restores=1, sandboxes=2))


@pytest.fixture
def runner(installation, operations):
    return CompanyJobRunner(installation.catalog, operations.apart, NOUNS)
