"""Moving companies, and one of after the catalog was saved."""

import pytest


@pytest.fixture
def mover(installation, tmp_path):
    return installation.operations(tmp_path / "backups").mover
