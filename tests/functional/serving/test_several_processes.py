"""The application with two serving processes: what they share, what is divided, what is summed up, who is replaced."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.connections import children_of, clients_by_process
from crmtenant.platform import Platform
from tests.functional.serving.http_server.running import is_alive
from tests.functional.serving.processes import Clients, Home, Process, Working, ask

BUDGET = 24
WAIT_SECONDS = 30


class Together(Home):
    """An installation that is served by two processes. Whatever is looked up is kept as long as may be."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.metrics_port = free.getsockname()[1]
        text = self.ini.read_text()
        for before, after in (
            ("workers = 1", "workers = 2"),
            ("threads = 4", "threads = 2"),
            ("connection_budget = 48", f"connection_budget = {BUDGET}"),
            ("lookup_ttl_seconds = 0.5", "lookup_ttl_seconds = 1"),
            ("metrics_listen = none", f"metrics_listen = 127.0.0.1:{self.metrics_port}"),
        ):
            assert before in text
            text = text.replace(before, after)
        self.ini.write_text(text)
        self.process: Process = self.serve()

    @property
    def pid(self) -> int:
        return self.process.pid

    def metrics(self) -> dict[str, float]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=10) as answer:
            lines = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}

    def names(self) -> dict[str, int]:
        """The pids of the children, by their names."""
        return {Path(f"/proc/{pid}/comm").read_text().strip(): pid for pid in children_of(self.pid)}

    @contextmanager
    def one_connection_each(self) -> Iterator[list[Talk]]:
        talks: dict[int, Talk] = {}
        with ExitStack() as opened:
            while len(talks) < 2:
                talk = opened.enter_context(closing(Talk(self.process.port)))
                talks.setdefault(self.pid_of(talk), talk)
            yield list(talks.values())

    def pid_of(self, talk: Talk) -> int:
        talk.ask("GET", "/api/health")
        (pid,) = (
            pid
            for pid, ports in clients_by_process(self.pid, self.process.port).items()
            if talk.own_port in ports
        )
        return pid


class Talk:
    """A connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def close(self) -> None:
        self._connection.close()

    @property
    def own_port(self) -> int:
        return int(self._connection.sock.getsockname()[1])

    def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, Any]:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        self._connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


@pytest.fixture(scope="module")
def home() -> Iterator[Together]:
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-together-"))
    directory.chmod(0o711)
    made = Together(directory)
    try:
        yield made
        postmaster = made.postmaster()
        assert postmaster
        children = children_of(made.pid)
        assert made.process.stop() == 0
        _until(lambda: not any(is_alive(pid) for pid in (postmaster, *children)))
    finally:
        made.close()
        shutil.rmtree(directory)


@pytest.fixture(scope="module")
def platform(home: Together) -> Iterator[Platform]:
    with closing(home.platform()) as guest:
        yield guest


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_one_process_forgets_the_other_forgets_at_once(home: Together) -> None:
    with home.one_connection_each() as (here, there):
        founded = {
            "company_name": "North",
            "name": "Anna",
            "email": f"{secrets.token_hex(8)}@example.com",
            "password": "seven green umbrellas",
        }
        status, registered = here.ask("POST", "/api/registrations", body=founded)
        assert status == 201, registered
        token = registered["access_token"]
        assert there.ask("GET", "/api", token)[1]["user"]["name"] == "Anna"
        began = time.monotonic()
        assert here.ask("PATCH", "/api/profile", token, {"name": "Anna Nord"})[0] == 200
        assert there.ask("GET", "/api", token)[1]["user"]["name"] == "Anna Nord"
        assert here.ask("DELETE", "/api/sessions/current", token)[0] == 204
        assert there.ask("GET", "/api", token)[0] == 401
        assert time.monotonic() - began < 1, "or it would have been looked up again anyway"


def test_all_together_keep_to_the_budget(home: Together, platform: Platform) -> None:
    companies = [Working(platform) for _ in range(8)]
    platform.databases.broker.close()

    def ask_much(company: Working) -> list[int]:
        return [
            ask(home.process.port, "GET", "/api/contacts", headers=company.headers).status for _ in range(12)
        ]

    with (
        closing(platform._server.address.admin().connect()) as looking,
        ThreadPoolExecutor(16) as people,
    ):
        looking.autocommit = True
        cursor = looking.cursor()
        asked = [people.submit(ask_much, company) for company in companies * 2]
        seen: list[set[int]] = []
        while not all(each.done() for each in asked):
            cursor.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE application_name = 'crmtenant' AND pid <> pg_backend_pid()"
            )
            seen.append({pid for (pid,) in cursor.fetchall()})
            time.sleep(0.01)
    assert {status for each in asked for status in each.result()} == {200}
    # PostgreSQL shows a session for some milliseconds after it was closed: three looks in a row tell it from an open one.
    lasting = [
        len(first & second & third) for first, second, third in zip(seen, seen[1:], seen[2:], strict=False)
    ]
    assert 0 < max(lasting) <= BUDGET


def test_metrics_are_of_all_processes(home: Together) -> None:
    name = 'crmtenant_request_seconds_count{context="Health",method="GET",status="200",view=""}'
    with home.one_connection_each() as talks:
        before = home.metrics().get(name, 0)
        for talk in talks * 5:
            talk.ask("GET", "/api/health")
        _until(lambda: home.metrics()[name] == before + 10)
        metrics = home.metrics()
    for number in range(2):
        assert metrics[f'crmtenant_client_connections{{process="{number}"}}'] >= 1
    assert 0 < metrics["crmtenant_connections"] <= metrics["crmtenant_connection_budget"] == BUDGET


def test_who_writes_loses_nothing_when_one_process_after_the_other_is_killed(
    home: Together, platform: Platform
) -> None:
    company = Working(platform)
    with Clients(home.process.port, company, is_patient=True) as clients:
        for name in ("crmtenant 0", "crmtenant rest", "crmtenant 1"):
            killed = home.names()[name]
            os.kill(killed, signal.SIGKILL)
            _until(lambda name=name, killed=killed: home.names().get(name, killed) != killed)  # type: ignore[misc]
            clients.wait_for(5)
    assert not clients.refused
    assert set(company.names()) >= set(clients.answered)
    assert set(company.names().values()) == {1}


def test_what_works_in_the_background_revives_postgresql(home: Together) -> None:
    killed = home.postmaster()
    assert killed
    os.kill(killed, signal.SIGKILL)
    _until(lambda: home.postmaster() not in (killed, None))
    nobody = {"email": "nobody@example.com", "password": "seven green umbrellas"}
    with home.one_connection_each() as talks:
        for talk in talks:
            _until(lambda talk=talk: talk.ask("POST", "/api/sessions", body=nobody)[0] == 401)  # type: ignore[misc]
