"""Listing, reading, creating and changing over HTTP, against a bare waitress and a naive application."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench import naive
from bench.contacts import contact
from bench.figures import Figure, Goal, at_least, at_most
from bench.ground import ground
from bench.load import Slice
from bench.machine import cpu_seconds
from bench.processes import Loader, Served, loader, module, pserve, request_text
from bench.run import Run

CONTACTS = 5000
_SHORT = "id,kind,name,job_title,organization_id,tags,updated_at,version"
_CONCURRENCIES = (1, 8)


@dataclass(frozen=True, slots=True)
class _Target:
    """What is asked of whom, and the goals for one request at a time.

    `goal` and `beyond`: the least share of the bare server's answers a second. `cpu`: the most processor time that the
    server uses for a request beyond what the bare one does, in microseconds.
    """

    title: str
    server: Served
    goal: Goal | None = None
    beyond: Goal | None = None
    cpu: Goal | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """One target's turn: what the load generator saw, and the server's processor time for one request."""

    seen: Slice
    server_cpu: float


_Turns = Mapping[tuple[str, int], list[_Turn]]


def measure(run: Run) -> list[Figure]:
    """Shares of what a bare server answers, and how many times a naive one."""
    with _targets() as (load, targets):
        turns: defaultdict[tuple[str, int], list[_Turn]] = defaultdict(list)
        plan = [(c, name) for _ in range(run.rounds) for c in _CONCURRENCIES for name in targets]
        _warm_up(load, targets)
        for concurrency, name in run.watched(plan, "http", len(plan)):
            turns[name, concurrency].append(
                _turn(load, name, targets[name].server, concurrency, 0.25 if run.is_quick else 1.0)
            )
    return [figure for c in _CONCURRENCIES for figure in _figures(turns, targets, c)]


@contextmanager
def _targets() -> Iterator[tuple[Loader, dict[str, _Target]]]:
    with ground() as home:
        company = home.company(contacts=CONTACTS)
        token = home.token(company)
        naive_environment = naive.environment(home.address(company))
        with (
            pserve(home.directory) as ours,
            module("bench.bare") as bare,
            module("bench.naive", naive_environment) as orm,
            loader() as load,
        ):
            bodies = [json.dumps(contact(CONTACTS + n), ensure_ascii=False) for n in range(500)]
            load.prepare("bare", [request_text("GET", "/", token)])
            load.prepare("list", [request_text("GET", "/api/contacts?limit=50", token)])
            load.prepare("short", [request_text("GET", f"/api/contacts?limit=50&fields={_SHORT}", token)])
            load.prepare("read", [request_text("GET", f"/api/contacts/{n}", token) for n in range(1, 1001)])
            load.prepare("create", [request_text("POST", "/api/contacts", token, body) for body in bodies])
            load.prepare("change", [_change(n, token) for n in range(1, 1001)])
            load.prepare("naive", [request_text("GET", "/api/contacts?limit=50", naive.token())])
            yield (
                load,
                {
                    "bare": _Target("constant 10 kB", bare),
                    "list": _Target(
                        "list 50 of 5,000, whole (44 kB)", ours, at_least(19), at_least(30), at_most(300)
                    ),
                    "short": _Target(
                        "list 50 of 5,000, 8 of 26 fields (10 kB)",
                        ours,
                        at_least(28),
                        at_least(40),
                        at_most(190),
                    ),
                    "read": _Target("read one", ours, at_least(40), at_least(55), at_most(100)),
                    "create": _Target("create one", ours, at_least(11), at_least(20), at_most(1150)),
                    "change": _Target("change one", ours, cpu=at_most(1700)),
                    "naive": _Target("naive list", orm),
                },
            )


def _change(number: int, token: str) -> str:
    body = json.dumps({"job_title": f"Head of department {number}", "note": "Called back."})
    return request_text("PATCH", f"/api/contacts/{number}", token, body)


def _warm_up(load: Loader, targets: Mapping[str, _Target]) -> None:
    for name, target in targets.items():
        load.load(name, target.server.port, max(_CONCURRENCIES), 0.5)


def _turn(load: Loader, name: str, server: Served, concurrency: int, seconds: float) -> _Turn:
    before = cpu_seconds(server.pid)
    seen = load.load(name, server.port, concurrency, seconds)
    return _Turn(seen, (cpu_seconds(server.pid) - before) / seen.count)


def _figures(turns: _Turns, targets: Mapping[str, _Target], concurrency: int) -> Iterator[Figure]:
    bench = f"http c={concurrency}"
    for name, target in targets.items():
        share = _ratio(turns[name, concurrency], turns["bare", concurrency])
        goals = (target.goal, target.beyond) if concurrency == 1 else ()
        if name != "bare":
            yield Figure(
                bench, f"{target.title}, of bare", 100 * share, "%", _seen(turns, name, concurrency), *goals
            )
    if concurrency == 1:
        yield from _processor_time(turns, targets)
    times = _ratio(turns["list", concurrency], turns["naive", concurrency])
    goal = at_least(4) if concurrency == 1 else None
    yield Figure(
        bench, "list 50 of 5,000, times naive", times, "x", _cpu_against_naive(turns, concurrency), goal
    )


def _processor_time(turns: _Turns, targets: Mapping[str, _Target]) -> Iterator[Figure]:
    bare = _cpu(turns["bare", 1])
    for name, target in targets.items():
        if target.cpu is not None:
            ours = _cpu(turns[name, 1])
            seen = f"{ours:,.0f} us of processor time, bare {bare:.0f} us"
            yield Figure("http CPU", f"{target.title}, beyond bare", ours - bare, "us", seen, target.cpu)


def _ratio(ours: list[_Turn], control: list[_Turn]) -> float:
    """The median of the rounds' ratios of answers a second."""
    return median(a.seen.per_second / b.seen.per_second for a, b in zip(ours, control, strict=True))


def _seen(turns: _Turns, name: str, concurrency: int) -> str:
    ours, bare = turns[name, concurrency], turns["bare", concurrency]
    own_cpu = median(turn.seen.own_cpu for turn in ours) * 1e6
    return (
        f"{_rate(ours)}/s of {_rate(bare)}/s; p50 {median(t.seen.median_latency for t in ours) * 1e3:.2f} ms;"
        f" CPU {_cpu(ours):.0f} of {_cpu(bare):.0f} us ({100 * _cpu(bare) / _cpu(ours):.0f} %),"
        f" generator {own_cpu:.0f} us"
    )


def _cpu_against_naive(turns: _Turns, concurrency: int) -> str:
    ours, theirs = turns["list", concurrency], turns["naive", concurrency]
    return f"{_rate(ours)}/s, {_rate(theirs)}/s; CPU {_cpu(ours):.0f} of {_cpu(theirs):.0f} us"


def _rate(turns: list[_Turn]) -> str:
    return f"{median(turn.seen.per_second for turn in turns):.0f}"


def _cpu(turns: list[_Turn]) -> float:
    """The server's processor time for a request, in microseconds."""
    return median(turn.server_cpu for turn in turns) * 1e6
