"""One server for all browser tests: `pserve` as an operator would run it, over a data directory of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


@contextmanager
def running() -> Iterator[str]:
    """The server's address, while the frame lasts."""
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-e2e-"))
    directory.chmod(0o711)
    ini = directory / "browser.ini"
    ini.write_text(_settings())
    port = _free_port()
    environ = {**os.environ, "CRMTENANT_PORT": str(port), "CRMTENANT_DATA": str(directory / "data")}
    log = (directory / "log").open("w")
    pserve = Path(sys.executable).with_name("pserve")
    process = subprocess.Popen([pserve, ini], cwd=ROOT, env=environ, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(address, process, directory / "log")
        yield address
    finally:
        process.terminate()
        process.wait(30)
        log.close()
        shutil.rmtree(directory, ignore_errors=True)


def _settings() -> str:
    """development.ini, without the limit that one machine's many sign-ins would meet."""
    lines = (ROOT / "development.ini").read_text().splitlines()
    return "\n".join(
        "crmtenant.sign_in_attempts = 1000" if line.startswith("crmtenant.sign_in_attempts") else line
        for line in lines
    )


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=1):
                return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
