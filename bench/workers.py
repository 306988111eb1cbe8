"""What a second serving process gains, eight requests at a time, and how the connections lie on the two."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from time import sleep

from bench.connections import children_of, clients_by_process
from bench.contacts import contact
from bench.figures import Figure, Goal, at_least
from bench.ground import ground
from bench.load import Slice
from bench.machine import cpu_seconds
from bench.processes import Loader, Served, loader, module, pserve, request_text
from bench.run import Run

CONTACTS = 5000
CONNECTIONS = 8
PROCESSES = 2
_FIELDS = "id,kind,name,job_title,organization_id,tags,updated_at,version"
#: By what is asked: its title, and the least share of the bare server's answers that two processes give.
_ASKED: Mapping[str, tuple[str, Goal]] = {
    "short": ("list 50 of 5,000, 8 of 26 fields (10 kB)", at_least(48)),
    "list": ("list 50 of 5,000, whole (44 kB)", at_least(32)),
    "read": ("read one", at_least(65)),
    "create": ("create one", at_least(17)),
}


@dataclass(frozen=True, slots=True)
class _Servers:
    bare: Served
    one: Served
    two: Served


@dataclass(frozen=True, slots=True)
class _Round:
    """The same asked of all three. `lay`: how many connections each of the two processes had; `cpu`: of both."""

    bare: Slice
    one: Slice
    two: Slice
    lay: tuple[int, ...]
    cpu: float


def measure(run: Run) -> list[Figure]:
    """Shares of what a bare server answers."""
    seconds = 0.25 if run.is_quick else 1.0
    rounds: defaultdict[str, list[_Round]] = defaultdict(list)
    with _servers() as (load, servers):
        plan = [name for _ in range(run.rounds) for name in _ASKED]
        for name in _ASKED:
            _ask(load, servers, name, 0.25)
        for name in run.watched(plan, "workers", len(plan)):
            rounds[name].append(_ask(load, servers, name, seconds))
    return [_figure(name, rounds[name]) for name in _ASKED]


def _ask(load: Loader, servers: _Servers, name: str, seconds: float) -> _Round:
    bare = load.load("bare", servers.bare.port, CONNECTIONS, seconds)
    one = load.load(name, servers.one.port, CONNECTIONS, seconds)
    before = _cpu(servers.two)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(load.load, name, servers.two.port, CONNECTIONS, seconds)
        sleep(seconds / 2)
        found = clients_by_process(servers.two.pid, servers.two.port)
        two = loading.result()
    counts = sorted((len(clients) for clients in found.values()), reverse=True)
    lay = (*counts, *[0] * (PROCESSES - len(counts)))
    return _Round(bare, one, two, lay, (_cpu(servers.two) - before) / two.count)


def _cpu(server: Served) -> float:
    return sum(cpu_seconds(pid) for pid in children_of(server.pid))


def _figure(name: str, rounds: list[_Round]) -> Figure:
    title, goal = _ASKED[name]
    share = median(each.two.per_second / each.bare.per_second for each in rounds)
    gain = median(each.two.per_second / each.one.per_second for each in rounds)
    bare, one, two = (
        median(each.per_second for each in slices)
        for slices in zip(*((each.bare, each.one, each.two) for each in rounds), strict=True)
    )
    seen = (
        f"{two:.0f}/s of {bare:.0f}/s; one process {one:.0f}/s, so {gain:.2f} x;"
        f" p95 {median(each.two.p95_latency for each in rounds) * 1e3:.1f} ms;"
        f" CPU {median(each.cpu for each in rounds) * 1e6:.0f} us;"
        f" connections {', '.join('+'.join(map(str, each.lay)) for each in rounds)}"
    )
    return Figure(
        f"workers c={CONNECTIONS}", f"{title}, {PROCESSES} processes, of bare", 100 * share, "%", seen, goal
    )


@contextmanager
def _servers() -> Iterator[tuple[Loader, _Servers]]:
    with ground() as home:
        token = home.token(home.company(contacts=CONTACTS))
        with (
            module("bench.bare") as bare,
            pserve(home.directory) as one,
            pserve(home.directory, PROCESSES) as two,
            loader() as load,
        ):
            bodies = [json.dumps(contact(CONTACTS + n), ensure_ascii=False) for n in range(500)]
            load.prepare("bare", [request_text("GET", "/", token)])
            load.prepare("list", [request_text("GET", "/api/contacts?limit=50", token)])
            load.prepare("short", [request_text("GET", f"/api/contacts?limit=50&fields={_FIELDS}", token)])
            load.prepare("read", [request_text("GET", f"/api/contacts/{n}", token) for n in range(1, 1001)])
            load.prepare("create", [request_text("POST", "/api/contacts", token, body) for body in bodies])
            yield load, _Servers(bare, one, two)
