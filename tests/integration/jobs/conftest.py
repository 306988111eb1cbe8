"""An installation in the morning."""

import pytest

from tests.integration.jobs.morning import Morning


@pytest.fixture
def morning(installation):
    return Morning(installation)
