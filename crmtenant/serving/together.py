"""Serving with several processes on the same sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from socket import socket
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from crmtenant.api.metrics import counted_together
from crmtenant.errors import OperatorError
from crmtenant.serving.children import Child
from crmtenant.serving.listening import announce, bound_sockets
from crmtenant.serving.spreading import Seat, SharedListener
from crmtenant.serving.supervisor import BACKGROUND_SECONDS, SERVING_SECONDS, Supervisor

if TYPE_CHECKING:
    from waitress.adjustments import Adjustments

    from crmtenant.process_table import ProcessTable
    from crmtenant.serving.stopping import Orders

Tell = Callable[[Sequence[str]], None]


@runtime_checkable
class Divisible(Protocol):
    """The part of the platform that several processes need."""

    processes: ProcessTable | None
    welcome: Sequence[str]
    settings: Any

    @property
    def has_background(self) -> bool:
        """Whether there is anything to do but to serve."""

    @property
    def open_connections(self) -> int:
        """How many connections to PostgreSQL this process has."""

    def most_processes(self, threads: int) -> int:
        """Return for how many processes of so many threads there are connections."""

    def prepare_processes(self, count: int, threads: int) -> None:
        """Prepare for being forked."""

    def start_process(self) -> None:
        """Be one of the serving processes."""

    def start_background(self) -> None:
        """Be the process that works in the background."""

    def close(self) -> None:
        """Close what this process has opened."""


def serve_together(
    count: int, platform: Divisible, adjustments: Adjustments, serve_here: Callable[..., None]
) -> None:
    """Serve with so many processes until a signal comes. Raises: `OperatorError`, `SettingsError`."""
    platform.prepare_processes(count, adjustments.threads)
    sockets = bound_sockets(adjustments)
    serving = [_serving_child(number, platform, adjustments, sockets, serve_here) for number in range(count)]
    background = [Child("crmtenant rest", partial(_background, platform))] if platform.has_background else []
    supervisor = Supervisor()
    with _counting(platform), supervisor.waiting():
        _supervise(supervisor, background, serving, sockets, adjustments.backlog)
    if supervisor.has_failed:
        raise OperatorError("A process ended before it served; what it said stands above.")


def _supervise(
    supervisor: Supervisor,
    background: Sequence[Child],
    serving: Sequence[Child],
    sockets: Sequence[socket],
    backlog: int,
) -> None:
    try:
        welcome = supervisor.begin(background)
        if welcome is None:
            return
        for opened in sockets:
            opened.listen(backlog)
        if supervisor.begin(serving) is None:
            return
        announce(sockets, welcome)
        supervisor.watch()
    finally:
        # Before the children stop accepting, or connections would be established that nobody ever accepts.
        for opened in sockets:
            opened.close()
        supervisor.stop(serving, SERVING_SECONDS)
        supervisor.stop(background, BACKGROUND_SECONDS)


def _serving_child(
    number: int,
    platform: Divisible,
    adjustments: Adjustments,
    sockets: Sequence[socket],
    serve_here: Callable[..., None],
) -> Child:
    table = platform.processes
    assert table is not None

    def work(orders: Orders, tell: Tell) -> None:
        with closing(platform):
            platform.start_process()
            seat = Seat(table, number, lambda: platform.open_connections)

            def listen(*arguments: Any, **options: Any) -> list[SharedListener]:
                return [
                    SharedListener(*arguments, seat=seat, _sock=opened, sockinfo=info, **options)
                    for opened, info in zip(sockets, adjustments.listen, strict=True)
                ]

            serve_here(orders, lambda _: tell(()), listen, seat.poll)

    return Child(f"crmtenant {number}", work, lambda: table.remove(number))


def _background(platform: Divisible, orders: Orders, tell: Tell) -> None:
    with closing(platform):
        platform.start_background()
        tell(platform.welcome)
        orders.wait()


def _counting(platform: Divisible) -> AbstractContextManager[None]:
    has_metrics = getattr(platform.settings, "metrics_listen", None) is not None
    return counted_together() if has_metrics else nullcontext()
