"""A company with two projects."""

from __future__ import annotations

import pytest

from tests.functional.installation import Client, Company


@pytest.fixture
def client(north: Company) -> Client:
    """Two projects, so columns 1 to 3 and 4 to 6."""
    client = north.client()
    client.create("/api/projects", name="First")
    client.create("/api/projects", name="Second")
    return client
