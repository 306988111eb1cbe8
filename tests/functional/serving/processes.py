"""One or two `pserve` processes on one installation, and clients that write without pause."""

from __future__ import annotations

import configparser
import http.client
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pyramid.scripts import pserve

from crmtenant.cli import main
from crmtenant.platform import Platform
from crmtenant.services.tenants import companies
from crmtenant.services.tenants.registration_rows import NewCompany
from crmtenant.settings import read_settings
from tests.forks import Program

ROOT = Path(__file__).parents[3]
START_SECONDS, STOP_SECONDS = 60, 30
_CHANGES = {"crmtenant.demo": "false", "crmtenant.spares": "0", "crmtenant.backup_at": "none"}


def _pserve(ini: Path) -> None:
    os.chdir(ROOT)
    sys.exit(pserve.main(["pserve", str(ini)]))


def _crmtenant(ini: Path, *arguments: str) -> None:
    os.chdir(ROOT)
    main(["--config", str(ini), *arguments], prog_name="crmtenant")


class Process:
    """One serving process."""

    def __init__(self, home: Home) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._log = home.directory / f"log-{self.port}"
        environ = {**home.environ, "CRMTENANT_PORT": str(self.port)}
        self._process = Program(_pserve, home.ini, stdout=self._log, stderr=self._log, environ=environ)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < deadline, self._log.read_text()
            assert self._process.poll() is None, self._log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return ask(self.port, "GET", "/api/health").status == 200
        return False

    @property
    def pid(self) -> int:
        return self._process.pid

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def stop(self) -> int:
        """How it ended, asked to end."""
        self.signal(signal.SIGTERM)
        return self._process.wait(STOP_SECONDS)


class Home:
    """A data directory, its settings, and the processes that serve it. The first owns its PostgreSQL."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.environ = {**os.environ, "CRMTENANT_DATA": str(directory / "data"), "CRMTENANT_PORT": "0"}
        self.ini = directory / "test.ini"
        parser = configparser.RawConfigParser()
        parser.read(ROOT / "development.ini", encoding="utf-8")
        parser["app:main"].update(_CHANGES)
        with self.ini.open("w", encoding="utf-8") as file:
            parser.write(file)
        self._keys = dict(parser["app:main"])
        self.processes: list[Process] = []

    def serve(self) -> Process:
        self.processes.append(Process(self))
        return self.processes[-1]

    def platform(self) -> Platform:
        """A guest of the same installation."""
        return Platform.open(read_settings(self._keys, self.environ))

    def postmaster(self) -> int | None:
        """The pid of PostgreSQL; None while it is not there, or has only begun to start."""
        try:
            lines = (self.directory / "data/postgres/postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        return int(lines[0]) if lines else None

    def crmtenant(self, *arguments: str) -> None:
        """Run an operator's command, which must succeed."""
        assert self.command(self.ini, *arguments).wait(60) == 0

    def command(self, ini: Path, *arguments: str) -> Program:
        """An operator's command that was started."""
        log = self.directory / "log-commands"
        return Program(_crmtenant, ini, *arguments, stdout=log, stderr=log, environ=self.environ)

    def close(self) -> None:
        for process in reversed(self.processes):
            process.stop()


@dataclass
class Answer:
    status: int
    body: Any


def ask(port: int, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
    """The answer over a connection of its own, read to its end."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        text = None if body is None else json.dumps(body)
        connection.request(method, path, text, {"Content-Type": "application/json", **(headers or {})})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())
    finally:
        connection.close()


class Working:
    """A company of the installation, and a look into its database by connections of its own."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        email = f"{secrets.token_hex(8)}@example.com"
        made = platform.tenants.registrar.register(
            NewCompany(
                company_name="North",
                person_name="Anna",
                email=email,
                email_key=email,
                password_hash="unusable",
            )
        )
        self.slug, self.id = made.slug, made.tenant_id
        self.headers = {
            "Authorization": f"Bearer {platform.identity.tokens.issue(made.user_id, made.tenant_id, 1)}"
        }

    def names(self) -> Counter[str]:
        """How many contacts there are of each name."""
        with self._platform.databases.catalog.reading() as reader:
            place = companies.find(reader, self.id)
        assert place is not None
        connection = self._platform.databases.addresses.of(place, place.id).connect()
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT name FROM contact")
            found = Counter(name for (name,) in cursor.fetchall())
        connection.close()
        return found


@dataclass
class Clients:
    """People who create contacts without pause. `is_patient` ones ask again, under the same key, until they
    are heard; the others go on to the next name."""

    port: int
    company: Working
    is_patient: bool
    count: int = 3
    asked: list[str] = field(default_factory=list)
    answered: dict[str, float] = field(default_factory=dict)
    refused: list[tuple[int, Any]] = field(default_factory=list)
    unheard: list[str] = field(default_factory=list)
    retried: int = 0

    def __enter__(self) -> Clients:
        self._is_over = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(self.count)]
        for thread in self._threads:
            thread.start()
        try:
            self.wait_for(10)
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, more: int, seconds: float = 30) -> None:
        """Wait until this many more requests have been answered."""
        wanted, deadline = len(self.answered) + more, time.monotonic() + seconds
        while len(self.answered) < wanted:
            assert time.monotonic() < deadline, (self.refused[-3:], self.unheard[-3:])
            time.sleep(0.01)

    def wait_for_refusals(self, more: int, seconds: float = 30) -> None:
        """Waits until so many more were refused."""
        wanted, deadline = len(self.refused) + more, time.monotonic() + seconds
        while len(self.refused) < wanted:
            assert time.monotonic() < deadline, "nobody is refused"
            time.sleep(0.01)

    def _work(self) -> None:
        while not self._is_over.is_set():
            name = secrets.token_hex(8)
            self.asked.append(name)
            deadline = time.monotonic() + 30
            while not self._ask(name) and self.is_patient and time.monotonic() < deadline:
                self.retried += 1
                time.sleep(0.05)

    def _ask(self, name: str) -> bool:
        """Whether there is nothing left to ask."""
        began_at = time.monotonic()
        try:
            answer = ask(
                self.port,
                "POST",
                "/api/contacts",
                {"name": name},
                {**self.company.headers, "Idempotency-Key": name},
            )
        except (OSError, http.client.HTTPException):
            if not self.is_patient:
                self.unheard.append(name)
                time.sleep(0.01)
            return False
        if answer.status == 201:
            self.answered[name] = began_at
            return True
        if answer.status == 503 and self.is_patient:
            return False
        self.refused.append((answer.status, answer.body))
        time.sleep(0.01)
        return True
