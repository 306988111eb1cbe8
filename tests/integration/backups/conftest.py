"""Backups of an installation with one company full of work."""

import pytest

from tests.integration.saving import busy_company


@pytest.fixture
def operations(installation, tmp_path):
    return installation.operations(tmp_path / "backups")


@pytest.fixture
def company(installation):
    tenant_id, _ = busy_company(installation)
    return tenant_id


@pytest.fixture
def saved(operations, company):
    return operations.backups.make(company, by="test")
