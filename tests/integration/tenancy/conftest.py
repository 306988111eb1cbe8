"""A whole installation, with its roles, catalog and template, on the server of this run."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import pytest

from crmtenant.db.address import ServerAddress
from tests.integration.tenancy.installation import Installation


@pytest.fixture(scope="session")
def installations(server_address: ServerAddress) -> Iterator[Any]:
    """Makes installations, each with a catalog of its own, and takes them down at the end."""
    made: list[Installation] = []

    def make(server: ServerAddress = server_address) -> Installation:
        made.append(Installation(server, f"crmtenant_{secrets.token_hex(4)}"))
        return made[-1]

    yield make
    for installation in made:
        if not installation.is_down:
            installation.tear_down()


@pytest.fixture(scope="session")
def shared_installation(installations: Any) -> Installation:
    installation: Installation = installations()
    installation.set_up()
    return installation


@pytest.fixture
def installation(shared_installation: Installation) -> Iterator[Installation]:
    """An installation without companies."""
    yield shared_installation
    shared_installation.clear()
