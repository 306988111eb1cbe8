"""The whole of it: a real server with its built page and its own PostgreSQL, in a real browser.

`CHROMIUM` names a browser that is not on PATH. Without browser or page these tests are skipped, and say so.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
#: A browser that asks nobody but us anything.
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a server of our own answers, with a demo company."""
    if not (ROOT / "crmtenant" / "page" / "index.html").is_file():
        pytest.skip("the page is not built (make page)")
    data = tmp_path_factory.mktemp("e2e")
    # PostgreSQL, which does not run as root, has to get through to its files.
    for directory in (data, *data.parents[:2]):
        directory.chmod(0o711)
    port = _free_port()
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [str(Path(sys.executable).with_name("pserve")), "development.ini"],
            cwd=ROOT,
            env={**os.environ, "CRMTENANT_PORT": str(port), "CRMTENANT_DATA": str(data / "var")},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(f"{url}/api/health", server, data / "server.log")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urlopen(url, timeout=5).close()
            return
        except URLError:
            time.sleep(0.1)
    pytest.fail(f"The server does not answer:\n{log.read_text()}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, from Debian's package or wherever CHROMIUM says."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("there is no chromium (apt-get install chromium)")
    # As root, Chromium's own sandbox cannot be set up.
    arguments = [*QUIET, "--no-sandbox"] if os.geteuid() == 0 else QUIET
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a profile of its own; the test fails if it met an error or asked anybody else anything."""
    context = browser.new_context(base_url=address)
    page = context.new_page()
    troubles: list[str] = []
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    context.on("request", lambda asked: None if _is_ours(asked.url, address) else troubles.append(asked.url))
    yield page
    context.close()
    assert troubles == []


def _is_ours(url: str, address: str) -> bool:
    return url.startswith((f"{address}/", "data:", "blob:"))
