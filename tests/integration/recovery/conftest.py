"""An installation on two servers whose catalog is lost."""

import pytest

from tests.integration.recovery.recovering import recoverable


@pytest.fixture
def installation(two):
    with recoverable(two) as made:
        yield made


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def backups(installation, directory):
    return installation.operations(directory).backups
