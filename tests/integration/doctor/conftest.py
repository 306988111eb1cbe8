"""The doctor, and a company that it examines."""

import pytest

from tests.integration.doctor.examining import doctor_of, examined, known_template
from tests.integration.installation import new_company
from tests.integration.saving import address_of


@pytest.fixture
def whole_doctor(installation, tmp_path, monkeypatch):
    # Other tests kill PostgreSQL's processes, which leaves directories on the server that all share.
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.examine", examined)
    return doctor_of(installation, tmp_path, monkeypatch)


@pytest.fixture
def doctor(whole_doctor, monkeypatch):
    """One that does not copy the template each time."""
    monkeypatch.setattr("crmtenant.services.doctor.checks.server.template_schema", known_template)
    return whole_doctor


@pytest.fixture
def database(installation):
    """The database of a company called northwind."""
    return address_of(installation, installation.registrar.register(new_company()).tenant_id).database
