"""The fleet's page on its own address, over HTTP; nothing of it is on the site."""

from __future__ import annotations

import dataclasses
import re
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

import pytest
from webtest import TestApp

from crmtenant.errors import OperatorError
from crmtenant.platform import Platform
from crmtenant.worker import show_fleet
from crmtenant.worker.fleet_page.listener import FleetListener
from tests.functional.installation import Company

PASSWORD = "seven green umbrellas"


@pytest.fixture
def address(platform: Platform) -> Iterator[tuple[str, int]]:
    """Where the page is served, to somebody called mara."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    listener = FleetListener(platform, f"127.0.0.1:{port}")
    platform.identity.operator_accounts.add("mara", PASSWORD)
    listener.start()
    yield "127.0.0.1", port
    listener.stop()
    platform.identity.operator_accounts.remove("mara")


def ask(
    address: tuple[str, int], method: str, path: str, form: dict[str, str] | None = None, **headers: str
) -> HTTPResponse:
    connection = HTTPConnection(*address, timeout=30)
    body = urlencode(form) if form is not None else None
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    answer.text = answer.read().decode()  # type: ignore[attr-defined]
    connection.close()
    return answer


def test_an_operator_signs_in_and_sees_the_fleet(
    platform: Platform, north: Company, address: tuple[str, int]
) -> None:
    form = {"name": "mara", "password": PASSWORD}
    assert ask(address, "POST", "/sign-in", {**form, "password": "wrong"}).status == 403
    answer = ask(address, "POST", "/sign-in", form)
    assert answer.status == 303
    cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
    page = ask(address, "GET", f"/?q={north.slug}", Cookie=cookie)
    text: str = page.text  # type: ignore[attr-defined]
    assert page.headers["Server"] is None
    assert north.slug in text
    for secret in (north.address.database, north.id, PASSWORD):
        assert secret not in text
    # What signs people in signs no operator in, and the other way round.
    assert "data-live" not in ask(address, "GET", "/", Authorization="Bearer x").text  # type: ignore[attr-defined]
    platform.identity.operator_accounts.set_password("mara", f"another {PASSWORD}")
    assert "data-live" not in ask(address, "GET", "/", Cookie=cookie).text  # type: ignore[attr-defined]


def test_what_is_too_large_or_no_http_is_refused_and_it_goes_on(address: tuple[str, int]) -> None:
    assert ask(address, "POST", "/sign-in", {"name": "m" * 100_000}).status in {400, 413}
    with socket.create_connection(address) as wire:
        wire.sendall(b"\x16\x03\x01\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.0 400")
    assert ask(address, "GET", "/").status == 200


def test_the_address_is_free_when_it_has_stopped_and_taken_while_it_runs(
    platform: Platform, address: tuple[str, int]
) -> None:
    listen = "{}:{}".format(*address)
    with pytest.raises(OperatorError, match="fleet_listen: cannot listen"):
        FleetListener(platform, listen).start()
    before = threading.active_count()
    with socket.create_server(("127.0.0.1", 0)) as free:
        second = FleetListener(platform, f"127.0.0.1:{free.getsockname()[1]}")
    second.start()
    assert threading.active_count() > before
    second.stop()
    assert threading.active_count() == before


def test_it_is_off_unless_an_address_is_set(platform: Platform) -> None:
    assert platform.settings.fleet_listen is None
    accompanied: list[object] = []
    stub = dataclasses.make_dataclass("Stub", ["settings", "accompany"])
    show_fleet(stub(platform.settings, lambda *parts: accompanied.append(parts)))  # type: ignore[arg-type]
    assert accompanied == []


def test_nothing_of_it_is_on_the_site(app: TestApp) -> None:
    for path in ("/fleet.js", "/fleet.css", "/sign-in"):
        answer = app.get(path, status="*")
        assert answer.status_int == 404 or not re.search(r"data-live|renewing", answer.text)
