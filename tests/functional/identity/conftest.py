"""Clients that each come from a place of their own, of two processes on one catalog."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.platform import Platform
from tests.functional.identity.people import Client


@pytest.fixture(scope="session")
def platforms(platform: Platform, server_address: ServerAddress) -> Iterator[Callable[..., Platform]]:
    """Opens platforms on the same catalog with some settings changed."""
    with ExitStack() as opened:

        def open_changed(**changes: Any) -> Platform:
            settings = dataclasses.replace(platform.settings, **changes)
            changed = Platform(settings, Server(server_address, lambda: None))
            opened.callback(changed.close)
            return changed

        yield open_changed


@pytest.fixture(scope="session")
def second_platform(platforms: Callable[..., Platform]) -> Platform:
    """What another process would have: the same catalog and secrets, other memory."""
    return platforms()


@pytest.fixture
def client(platform: Platform) -> Client:
    return Client(platform)


@pytest.fixture
def second(second_platform: Platform) -> Client:
    return Client(second_platform)


@pytest.fixture
def newcomer(platform: Platform) -> Callable[..., Client]:
    """Makes clients without an account."""
    return lambda **environ: Client(platform, **environ)
