"""The application over one installation per worker, and companies to ask it with."""

from __future__ import annotations

import dataclasses
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from crmtenant import make_app
from crmtenant.db.embedded.open_server import Server
from crmtenant.db.pool.address import ServerAddress
from crmtenant.platform import Platform
from tests.clock import Clock
from tests.functional.identity.people import Client as PersonClient
from tests.functional.installation import Client, Company, for_tests, settings_for, tear_down
from tests.functional.wire import Recorder, recorded

OpenPlatform = Callable[..., Platform]
NewCompany = Callable[[str], Company]


@pytest.fixture(scope="session")
def clock() -> Clock:
    """What every platform counts the age of what it keeps by."""
    return Clock()


@pytest.fixture(scope="session")
def open_platform(server_address: ServerAddress, clock: Clock) -> Iterator[OpenPlatform]:
    """Opens platforms over one catalog, as several processes would; all of it is gone at the end."""
    catalog = f"crmtenant_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory(prefix="crmtenant-tests-") as directory, ExitStack() as opened:
        first: list[Platform] = []

        def open_one(server: ServerAddress = server_address) -> Platform:
            settings = settings_for(
                Path(directory), catalog_database=catalog, connections_per_tenant=16, connection_budget=64
            )
            platform = for_tests(Platform(settings, Server(server, lambda: None)), clock)
            opened.callback(platform.close)
            first.append(platform)
            return platform

        yield open_one
        opened.close()
        if first:
            # Not by the first, which may have come by a wire that is gone.
            last = open_one()
            opened.close()
            tear_down(server_address, last)


@pytest.fixture(scope="session")
def platform(open_platform: OpenPlatform) -> Platform:
    return open_platform()


@pytest.fixture(scope="session")
def app(platform: Platform) -> TestApp:
    return TestApp(make_app(platform), extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture(scope="session")
def second_app(open_platform: OpenPlatform, platform: Platform) -> TestApp:
    """What another process on the same catalog answers."""
    return TestApp(make_app(open_platform()), extra_environ={"HTTP_HOST": "localhost"})


@pytest.fixture(scope="session")
def wire(server_address: ServerAddress, open_platform: OpenPlatform) -> Iterator[tuple[TestApp, Recorder]]:
    """An application of the same installation whose every round trip is counted."""
    with recorded(server_address) as (address, recorder):
        yield TestApp(make_app(open_platform(address)), extra_environ={"HTTP_HOST": "localhost"}), recorder


@pytest.fixture(scope="session")
def recorder(wire: tuple[TestApp, Recorder]) -> Recorder:
    return wire[1]


@pytest.fixture(scope="session")
def recorded_app(wire: tuple[TestApp, Recorder]) -> TestApp:
    return wire[0]


@pytest.fixture(scope="session")
def new_company(server_address: ServerAddress, platform: Platform, app: TestApp) -> NewCompany:
    """Registers companies."""
    return lambda name: Company(server_address, platform, app, name)


@pytest.fixture(scope="session")
def north_for_all(new_company: NewCompany) -> Company:
    return new_company("North")


@pytest.fixture(scope="session")
def south_for_all(new_company: NewCompany) -> Company:
    return new_company("South")


@pytest.fixture
def north(north_for_all: Company) -> Company:
    """A company without a row in it."""
    north_for_all.empty()
    return north_for_all


@pytest.fixture
def south(south_for_all: Company) -> Company:
    """Another one."""
    south_for_all.empty()
    return south_for_all


@pytest.fixture
def owner(north: Company) -> Client:
    """The owner of North."""
    return north.client()


@pytest.fixture
def anonymous(app: TestApp) -> Client:
    return Client(app, None)


@pytest.fixture(scope="session")
def platforms(
    platform: Platform, server_address: ServerAddress, clock: Clock
) -> Iterator[Callable[..., Platform]]:
    """Opens platforms on the same catalog with some settings changed."""
    with ExitStack() as opened:

        def open_changed(**changes: Any) -> Platform:
            settings = dataclasses.replace(platform.settings, **changes)
            changed = for_tests(Platform(settings, Server(server_address, lambda: None)), clock)
            opened.callback(changed.close)
            return changed

        yield open_changed


@pytest.fixture(scope="session")
def second_platform(platforms: Callable[..., Platform]) -> Platform:
    """What another process would have: the same catalog and secrets, other memory."""
    return platforms()


@pytest.fixture
def client(platform: Platform) -> PersonClient:
    return PersonClient(platform)


@pytest.fixture
def second(second_platform: Platform) -> PersonClient:
    return PersonClient(second_platform)


@pytest.fixture
def newcomer(platform: Platform) -> Callable[..., PersonClient]:
    """Makes clients without an account."""
    return lambda **environ: PersonClient(platform, **environ)


# First, for xdist reads the mark in the same hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A module's tests share companies, so one worker runs them all, unless they say how they are grouped."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here) and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(item.path.relative_to(here))))
