"""A company's database."""

import pytest

from crmtenant.ids import new_id


@pytest.fixture
def database(installation):
    name = new_id("t")
    installation.provisioner.make_database(name)
    return name
