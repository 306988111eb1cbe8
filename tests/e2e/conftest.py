"""A browser, a server, and visitors; skipped where there is no browser or no page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e import server
from tests.e2e.people import Company, Visitor

# The shell is the same browser without the windows, and a third faster.
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell") or shutil.which("chromium")
PAGE = server.ROOT / "crmtenant" / "page" / "index.html"
PICTURES = server.ROOT / "build" / "e2e"
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# As long as for what is clicked: the page of a busy machine may take longer than the five seconds of the default.
expect.set_options(timeout=15_000)

Visit = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips the tests here, with the reason, where there is no browser or no page."""
    reason = _reason_to_skip()
    for item in items:
        if reason is not None and item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.skip(reason=reason))


def _reason_to_skip() -> str | None:
    if CHROMIUM is None:
        return "there is no chromium-headless-shell or chromium on PATH (or in CHROMIUM)"
    if not PAGE.is_file():
        return "the page is not built (make page)"
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """The report, which the fixtures can look at when the test is over."""
    report = yield
    item.stash.setdefault(_FAILED, False)
    item.stash[_FAILED] |= report.failed
    return report


_FAILED = pytest.StashKey[bool]()


_SERVER = pytest.StashKey[server.Server]()


def _server(config: pytest.Config) -> server.Server:
    """The server of this run, which begins to start when it is first asked for."""
    if _SERVER not in config.stash:
        config.stash[_SERVER] = server.Server()
        config.add_cleanup(config.stash[_SERVER].stop)
    return config.stash[_SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist's controller has one server for all its workers."""
    if _reason_to_skip() is None:
        shared = _server(node.config)
        node.workerinput["e2e"] = (shared.address, str(shared.log))


@pytest.fixture(scope="session")
def served(pytestconfig: pytest.Config) -> tuple[str, Path]:
    """Where the server is and its log, once it answers."""
    worker = getattr(pytestconfig, "workerinput", {})
    own = _server(pytestconfig) if "e2e" not in worker else None
    address, log = (own.address, own.log) if own else worker["e2e"]
    server.wait_for(address, Path(log))
    return address, Path(log)


@pytest.fixture(scope="session")
def address(served: tuple[str, Path]) -> str:
    """Where the server is."""
    return served[0]


@pytest.fixture(scope="session")
def operator(served: tuple[str, Path]) -> server.Operator:
    """Whoever runs the server."""
    return server.Operator(served[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def visit(request: pytest.FixtureRequest, browser: Browser, address: str) -> Iterator[Visit]:
    """Opens browsers. Of a test that failed, pictures are kept in build/e2e."""
    visitors: list[Visitor] = []

    def open_one(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, address, **options))
        return visitors[-1]

    yield open_one
    if request.node.stash.get(_FAILED, False):
        PICTURES.mkdir(parents=True, exist_ok=True)
        for index, visitor in enumerate(visitors):
            visitor.page.screenshot(path=PICTURES / f"{request.node.name}-{index}.png")
    for visitor in visitors:
        visitor.close()


@pytest.fixture
def company(address: str) -> Company:
    """A company without anything in it."""
    return Company(address)


@pytest.fixture(scope="session")
def furnished(address: str) -> Company:
    """A company with something on every page, that tests only look at."""
    company = Company(address, "Furnished")
    office = company.contact(kind="organization", name="Harbour Lane Books", tags=["customer"])
    for given, family in (("Ben", "Cole"), ("Zoë", "Fischer"), ("Chloë", "Nguyễn")):
        company.contact(
            given_name=given,
            family_name=family,
            organization_id=office,
            emails=[{"value": f"{given}@example.org".lower().replace("ë", "e")}],
            phones=[{"value": "030 23125 516"}],
            tags=["prospect"],
        )
    project = company.project()
    for number in range(6):
        company.task(
            f"Task {number}",
            project_id=project,
            assignee_ids=[company.user_id],
            priority=number % 5,
            start_on="2026-11-20",
            due_on=f"2026-12-0{number + 1}",
            labels=["design"],
        )
    call = {"kind": "call", "outcome": "no_answer", "minutes": 2, "body": f"Ask @[{company.user_id}]"}
    entry = company.api("POST", "/contacts/2/entries", {**call, "is_pinned": True})["id"]
    company.api("POST", f"/entries/{entry}/entries", {"body": "Tomorrow again"})
    company.api("POST", "/tasks/1/entries", {"kind": "comment", "body": "- [ ] Texts\n- [x] Pictures"})
    company.api("DELETE", f"/contacts/{company.contact(name='Thrown Away')}")
    return company
