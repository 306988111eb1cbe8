"""What one company's people wait for while another company's ask for much."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench import long_work
from bench.figures import Figure, at_most
from bench.ground import ground
from bench.load import Slice
from bench.processes import Loader, loader, pserve, request_text
from bench.run import Run, spread

CONTACTS = 5000
CROWD = 64
_LIST = "/api/contacts?limit=50&fields=id,kind,name,job_title,organization_id,tags,updated_at,version"


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """A company that asks for one list after the other, and one that asks for 64 at a time."""

    port: int
    quiet: Loader
    crowd: Loader

    def alone(self, seconds: float) -> Slice:
        """The quiet one, while nobody else asks."""
        return self.quiet.load("list", self.port, 1, seconds)

    def beside_the_crowd(self, seconds: float) -> tuple[Slice, Slice]:
        """The quiet one and the crowd, both at once."""
        with ThreadPoolExecutor(1) as pool:
            crowd = pool.submit(self.crowd.load, "list", self.port, CROWD, seconds + 0.5)
            return self.alone(seconds), crowd.result()


def measure(run: Run) -> list[Figure]:
    """What one waits for beside a crowd, and beside long work of others."""
    return [*_beside_the_crowd(run), *long_work.measure(run)]


def _beside_the_crowd(run: Run) -> list[Figure]:
    """How much longer lists take beside 64 clients of another company."""
    seconds = 0.5 if run.is_quick else 2.0
    with _neighbours() as neighbours:
        neighbours.beside_the_crowd(0.5)
        rounds = [
            (neighbours.alone(seconds), *neighbours.beside_the_crowd(seconds))
            for _ in run.watched(range(run.rounds), "fair", run.rounds)
        ]
    alone = [one.median_latency for one, _, _ in rounds]
    beside = [one.median_latency for _, one, _ in rounds]
    p95 = median(one.p95_latency for _, one, _ in rounds) * 1000
    rate = median(crowd.per_second for _, _, crowd in rounds)
    seen = f"{median(beside) * 1e3:.2f} ms of {median(alone) * 1e3:.2f} ms, rounds {spread(beside, alone)}"
    times = median(mine / theirs for mine, theirs in zip(beside, alone, strict=True))
    return [
        Figure(
            "fair", f"a list beside {CROWD} clients of another company, p50", times, "x", seen, at_most(3)
        ),
        Figure("fair", "the same, p95", p95, "ms", f"the crowd {rate:.0f}/s", at_most(100)),
    ]


@contextmanager
def _neighbours() -> Iterator[_Neighbours]:
    with ground() as home:
        tokens = [home.token(home.company(contacts=CONTACTS)) for _ in range(2)]
        with pserve(home.directory) as served, loader() as quiet, loader() as crowd:
            for load, token in zip((quiet, crowd), tokens, strict=True):
                load.prepare("list", [request_text("GET", _LIST, token)])
            yield _Neighbours(served.port, quiet, crowd)
