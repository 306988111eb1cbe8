"""One server for all browser tests: `pserve` as an operator would run it, over a data directory of its own."""

from __future__ import annotations

import configparser
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]
START_SECONDS = 60


class Server:
    """One that has begun to start; `public_url` is of the proxy on this machine that it is behind."""

    def __init__(self, public_url: str = "") -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="crmtenant-e2e-"))
        self._directory.chmod(0o711)
        ini = self._directory / "browser.ini"
        ini.write_text(_settings(public_url, f"127.0.0.1:{free_port()}"))
        port = self.port = free_port()
        environ = {
            **os.environ,
            "CRMTENANT_PORT": str(port),
            "CRMTENANT_DATA": str(self._directory / "data"),
        }
        self.address = f"http://127.0.0.1:{port}"
        self.log = self._directory / "log"
        pserve = Path(sys.executable).with_name("pserve")
        with self.log.open("w") as log:
            self._process = subprocess.Popen([pserve, ini], cwd=ROOT, env=environ, stdout=log, stderr=log)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(60)
        shutil.rmtree(self._directory, ignore_errors=True)


def wait_for(address: str, log: Path) -> None:
    """Waits until the server at this address answers; its log is shown if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the server did not start: {log.read_text()}")


class Operator:
    """Whoever runs the server that writes this log, with its commands and the fleet's page."""

    def __init__(self, log: Path) -> None:
        self._directory = log.parent
        ini = configparser.RawConfigParser()
        ini.read(self._directory / "browser.ini", encoding="utf-8")
        self.fleet_address = f"http://{ini['app:main']['crmtenant.fleet_listen']}"

    def crmtenant(self, *arguments: str, typed: str = "") -> None:
        """Run a command, which must succeed."""
        program = Path(sys.executable).with_name("crmtenant")
        environ = {**os.environ, "CRMTENANT_PORT": "0", "CRMTENANT_DATA": str(self._directory / "data")}
        subprocess.run(
            [program, "--config", self._directory / "browser.ini", *arguments],
            cwd=ROOT, env=environ, input=typed, text=True, check=True, timeout=60,
        )  # fmt: skip


def _settings(public_url: str, fleet_listen: str) -> str:
    """development.ini, without the limit that one machine's many sign-ins would meet, with the fleet's page."""
    changes = {"crmtenant.sign_in_attempts": "1000", "crmtenant.fleet_listen": fleet_listen}
    if public_url:
        changes |= {
            "crmtenant.public_url": public_url,
            "crmtenant.is_secure": "true",
            "trusted_proxy": "127.0.0.1",
        }
    lines = (ROOT / "development.ini").read_text().splitlines()
    return "\n".join(_changed(line, changes) for line in lines)


def _changed(line: str, changes: dict[str, str]) -> str:
    name = line.partition(" =")[0]
    return f"{name} = {changes[name]}" if name in changes else line


def free_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port
