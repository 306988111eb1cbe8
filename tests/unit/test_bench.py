"""The parts of the benchmarks count correctly."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from rich.progress import Progress

from bench import __main__ as command
from bench import fleet
from bench.figures import Figure, at_least, at_most, document
from bench.load import load
from bench.run import Run, median_ratio

# The fleet takes longer than any test elsewhere: a group is begun before single tests, not at the very end.
pytestmark = pytest.mark.xdist_group("bench")

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\nServer: x\r\n\r\n"


@contextmanager
def serving(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A port on which every request is answered like this."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threads: list[threading.Thread] = []

        def talk(client: socket.socket) -> None:
            with client:
                while client.recv(65_536):
                    answer(client)

        def accept() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threads.append(threading.Thread(target=talk, args=(client,)))
                threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            for thread in (accepting, *threads):
                thread.join(5)


@pytest.mark.parametrize("connections", [1, 3])
def test_answers_in_pieces_are_counted_once(connections: int) -> None:
    asked: list[int] = []

    def answer(client: socket.socket) -> None:
        asked.append(1)
        client.sendall(HEAD + b"hello")
        client.sendall(b" world")

    with serving(answer) as port:
        seen = load(port, [b"GET / HTTP/1.1\r\n\r\n"], connections, 0.1)
    assert seen.count == len(asked)
    assert 0 < seen.median_latency < 1


def test_a_refusal_ends_the_load() -> None:
    with (
        serving(
            lambda client: client.sendall(b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
        ) as port,
        pytest.raises(ConnectionError, match="401"),
    ):
        load(port, [b"GET / HTTP/1.1\r\n\r\n"], 1, 0.1)


@pytest.mark.parametrize(
    ("goal", "value", "is_met"),
    [
        (at_least(35), 35.0, True),
        (at_least(35), 34.9, False),
        (at_most(4), 4.0, True),
        (at_most(4), 4.1, False),
    ],
)
def test_a_goal_is_a_bound(goal: object, value: float, is_met: bool) -> None:
    figure = Figure("http", "list", value, "%", "seen", goal)  # type: ignore[arg-type]
    assert figure.cells()[5] == ("yes" if is_met else "NO")


def test_bad_numbers_are_written() -> None:
    text = document(
        ["2 cores"], [Figure("http", "list", 12.34, "%", "1/s of 8/s", at_least(35), at_least(50))]
    )
    assert "| http | list | >= 35.0 % | >= 50.0 % | 12.3 % | NO | 1/s of 8/s |" in text.splitlines()


def test_the_rounds_are_compared_one_by_one() -> None:
    assert median_ratio([1.0, 20.0, 3.0], [2.0, 10.0, 3.0]) == 1.0


@pytest.mark.timeout(300)
def test_a_tiny_fleet_is_measured_in_every_respect() -> None:
    with Progress(disable=True) as progress:
        figures = fleet.measure(Run(True, progress), fleet.Sizes(rounds=1, contacts=10, migrated=6, idle=5))
    assert [figure.what for figure in figures] == [
        "backup, of bare pg_dump",
        "proof, of bare CREATE DATABASE + pg_restore",
        "restore, of bare CREATE DATABASE + pg_restore",
        "clone, of CREATE DATABASE ... TEMPLATE",
        "founding through the worker, of raw CREATE DATABASE",
        "founding by a web process with a spare, of the same",
        "migrating by a column, of connecting only",
        "migrating by the newest revision, of connecting only",
        "Alembic for each, of migrating by the newest revision",
        "a process of Alembic for each, of migrating by the newest revision",
        "migrating by all revisions, of connecting only",
        "Alembic for each, of migrating by all revisions",
        "a process of Alembic for each, of migrating by all revisions",
        "crmtenant migrate --all, 5 at head",
    ]
    assert all(figure.value > 0 for figure in figures)


def test_an_unknown_bench_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bench", "nothing"])
    with pytest.raises(SystemExit):
        command.main()
    assert "there is no bench nothing" in capsys.readouterr().err
