"""A connection to PostgreSQL that is lost at any moment is 503 with Retry-After, and the next request is answered."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import psycopg2
import pytest
from sqlalchemy.exc import DatabaseError
from structlog.testing import capture_logs
from webtest import TestApp, TestResponse

from crmtenant.db.errors import as_domain_error, is_server_unavailable
from crmtenant.errors import Unavailable
from tests.functional.installation import Client, Company
from tests.functional.wire import Recorder

Cut = Callable[[socket.socket, socket.socket, bytes], None]
#: What the client hears in place of the server's answer, before the connection ends: nothing; a message that breaks
#: off; one of no kind; an end without a result; the beginning of an error.
ANSWERS = [b"", b"C\0\0", b"\x01\0\0\0\x04", b"Z\0\0\0\x05I", b"E\0\0\0\x40SFATAL\0", b"N" * 64]


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _before_it_arrives(answer: bytes) -> Cut:
    """Nobody but the client has heard of it."""

    def cut(client: socket.socket, server: socket.socket, _: bytes) -> None:
        client.sendall(answer)
        _end(client)
        _end(server)

    return cut


def _after_it_was_done(answer: bytes) -> Cut:
    """The server has done it, and the client does not hear so."""

    def cut(client: socket.socket, server: socket.socket, data: bytes) -> None:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 5, 0))
        client.sendall(answer)
        _end(client)
        server.sendall(data)
        time.sleep(0.2)
        _end(server)

    return cut


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """The log as it stands without settings takes minutes to draw such an error with all its variables."""
    with capture_logs():
        yield


@pytest.fixture
def company(north: Company) -> Iterator[Company]:
    north.client().create("/api/contacts", given_name="Ada")
    yield north
    # Other tests take it for a company without a zone.
    north.client().patch("/api/company", {"time_zone": None})


@pytest.fixture
def client(company: Company, recorded_app: TestApp) -> Client:
    """Asks by the wire that can be cut."""
    return company.client(app=recorded_app)


class Wire:
    """Cuts the wire when a client asks a statement, until it is mended."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def cut(self, statement: str, how: Cut) -> None:
        self._recorder.cut_at, self._recorder.cut = statement, how

    def mend(self) -> None:
        self._recorder.cut = None


@pytest.fixture
def wire_to_cut(recorder: Recorder) -> Iterator[Wire]:
    wire = Wire(recorder)
    yield wire
    wire.mend()


def _asked_again(ask: Callable[[], TestResponse]) -> TestResponse:
    """The answer after one refusal at most: the end of the connection may come a moment after what stood for an answer."""
    answer = ask()
    return ask() if answer.status_int == 503 else answer


def _assert_put_off(answer: TestResponse) -> None:
    assert answer.status_int == 503, answer.text
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert answer.json["code"] == "unavailable"


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
@pytest.mark.parametrize("how", [_before_it_arrives, _after_it_was_done])
def test_at_commit_in_a_company(
    how: Callable[[bytes], Cut],
    answer: bytes,
    client: Client,
    company: Company,
    wire_to_cut: Wire,
) -> None:
    key = {"Idempotency-Key": "once"}
    wire_to_cut.cut("COMMIT", how(answer))
    refused = client.post("/api/contacts", {"given_name": "Grace"}, key)
    _assert_put_off(refused)
    assert "may have been saved" in refused.json["detail"]
    wire_to_cut.mend()
    again = _asked_again(lambda: client.post("/api/contacts", {"given_name": "Grace"}, key))
    assert again.status_int == 201
    assert len(company.client().ids("/api/contacts", q="Grace")) == 1


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_at_commit_in_the_catalog(
    answer: bytes,
    client: Client,
    wire_to_cut: Wire,
) -> None:
    wire_to_cut.cut("COMMIT", _before_it_arrives(answer))
    _assert_put_off(client.patch("/api/company", {"time_zone": "Europe/Berlin"}))
    _assert_put_off(client.post("/api/members", {"email": "cut@example.com", "role": "viewer"}))
    wire_to_cut.mend()
    again = _asked_again(lambda: client.patch("/api/company", {"time_zone": "Europe/Berlin"}))
    assert again.status_int == 200


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_at_the_first_statement_of_a_write(
    answer: bytes,
    client: Client,
    wire_to_cut: Wire,
) -> None:
    assert client.patch("/api/contacts/1", {"note": "warm"}).status_int == 200
    wire_to_cut.cut("BEGIN", _before_it_arrives(answer))
    _assert_put_off(client.patch("/api/contacts/1", {"note": "lost"}))
    wire_to_cut.mend()
    assert client.read("/api/contacts/1")["note"] == "warm"


@pytest.mark.parametrize("answer", ANSWERS, ids=range(len(ANSWERS)))
def test_at_a_read_it_is_read_once_more(
    answer: bytes,
    client: Client,
    recorder: Recorder,
    wire_to_cut: Wire,
) -> None:
    assert client.read("/api/contacts/1")["given_name"] == "Ada"
    recorder.clear()
    assert client.read("/api/contacts/1")["given_name"] == "Ada"
    # Before it, the catalog may have been asked who this is; on a new connection, it is prepared in the same message.
    statement = recorder.sent[-1]
    assert statement.startswith("EXECUTE")

    def once(client: socket.socket, server: socket.socket, data: bytes) -> None:
        wire_to_cut.mend()
        _before_it_arrives(answer)(client, server, data)

    wire_to_cut.cut(statement, once)
    assert client.read("/api/contacts/1")["given_name"] == "Ada"
    wire_to_cut.cut(statement, _before_it_arrives(answer))
    _assert_put_off(client.get("/api/contacts/1"))


@pytest.mark.parametrize(
    "error", [psycopg2.DatabaseError(), psycopg2.OperationalError(), psycopg2.InterfaceError()]
)
def test_an_error_without_a_code_is_of_the_connection(error: psycopg2.Error) -> None:
    for raised in (error, DatabaseError("SELECT 1", {}, error)):
        found = as_domain_error(raised)
        assert isinstance(found, Unavailable)
        assert "may have been saved" not in found.detail
        assert is_server_unavailable(raised)


@pytest.mark.parametrize(
    "error", [psycopg2.ProgrammingError(), psycopg2.DataError(), psycopg2.NotSupportedError()]
)
def test_an_error_in_this_program_stays_one(error: psycopg2.Error) -> None:
    assert as_domain_error(error) is None
    assert not is_server_unavailable(error)


def test_the_client_of_the_fixture_is_whole_again(company: Company, recorded_app: TestApp) -> None:
    assert Client(recorded_app, company.token()).read("/api/contacts/1")["given_name"] == "Ada"
