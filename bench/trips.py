"""Round trips a request makes to PostgreSQL, counted on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import orjson

from bench.contacts import contact
from bench.figures import Figure, at_most
from bench.ground import ground, peer_of, settings_for
from bench.run import Run
from bench.wire import Wire, wire_to
from crmtenant import make_app
from crmtenant.db.embedded.open_server import Server
from crmtenant.platform import Platform

_TIMES = 9


def measure(run: Run) -> list[Figure]:
    """The most trips of several warm requests of each kind; what the catalog said is still remembered."""
    with ground() as home:
        company = home.company(contacts=100)
        address = home.platform._server.address
        with wire_to(address.host, address.port) as wire:
            server = Server(replace(address, host=str(wire.directory)), lambda: None)
            platform = Platform(settings_for(home.directory, lookup_ttl_seconds=1), server)
            try:
                ask = peer_of(make_app(platform), home.token(company))
                return [
                    Figure(
                        "trips", what, _trips(wire, ask, request), "", "counted at the socket", at_most(goal)
                    )
                    for what, goal, request in run.watched(_requests(), "trips", 5)
                ]
            finally:
                platform.close()


_Request = Callable[[], tuple[str, str, bytes]]


def _requests() -> list[tuple[str, float, _Request]]:
    numbers = count(1000)
    ids = iter(range(10, 100))
    note = orjson.dumps({"note": "changed"})
    return [
        ("list 50", 1, lambda: ("GET", "/api/contacts", b"")),
        ("read one", 1, lambda: ("GET", "/api/contacts/7", b"")),
        ("create one", 3, lambda: ("POST", "/api/contacts", orjson.dumps(contact(next(numbers))))),
        ("change one", 4, lambda: ("PATCH", f"/api/contacts/{next(ids)}", note)),
        ("delete one", 4, lambda: ("DELETE", f"/api/contacts/{next(ids)}", b"")),
    ]


def _trips(wire: Wire, ask: Callable[..., tuple[str, bytes]], request: _Request) -> int:
    most = 0
    for _ in range(_TIMES):
        ask("GET", "/api")  # the catalog is asked here, if at all
        status, body = ask(*request())  # and here the connection is opened, the first time
        assert status.startswith("2"), body
    for _ in range(_TIMES):
        ask("GET", "/api")
        before = wire.trips
        status, body = ask(*request())
        assert status.startswith("2"), body
        most = max(most, wire.trips - before)
    return most
