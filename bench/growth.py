"""What is asked of a company of half a million contacts, by the process that serves it."""

from __future__ import annotations

import time
from statistics import median
from urllib.parse import quote

from bench.figures import Figure, at_most
from bench.ground import ground, peer_of
from bench.large_company import fill
from bench.run import Run
from crmtenant import make_app

CONTACTS, FEW = 500_000, 20_000
MOST_MILLISECONDS = 30

_LIST = "/api/contacts?limit=50"
_FOUND = {
    # Of one in 40, of half, of all; of nobody, though both words are common; by beginnings and by ends.
    "a name": "schmidt",
    "the end of names": "berg",
    "a town": "berlin",
    "a word of all": "hauptstr",
    "two names": "zoe xu",
    "one letter": "a",
    "digits all numbers begin with": "4917",
    "digits many begin with": "0171",
    "digits of an end": "567",
    "a number": "+49 171 1234567",
}


def measure(run: Run) -> list[Figure]:
    """The median answer to each request, in this process, without the wire."""
    count, rounds = (FEW, 3) if run.is_quick else (CONTACTS, 9)
    with ground(spares=0) as home:
        company = home.company()
        fill(home, company, count)
        ask = peer_of(make_app(home.platform), home.token(company))

        def figure(what: str, path: str) -> Figure:
            times, size = [], 0
            for _ in range(rounds):
                begun = time.perf_counter()
                status, body = ask("GET", path)
                times.append((time.perf_counter() - begun) * 1000)
                assert status == "200 OK", (status, body)
                size = len(body)
            seen = f"of {count:,} contacts; first {times[0]:.1f}, worst {max(times):.1f} ms, {size} bytes"
            return Figure("growth", what, median(times), "ms", seen, at_most(MOST_MILLISECONDS))

        paths = _paths()
        return [figure(what, path) for what, path in run.watched(paths.items(), "growth", len(paths))]


def _paths() -> dict[str, str]:
    asked = {
        "list": f"{_LIST}&sort=-updated_at",
        "list counted": f"{_LIST}&count=true",
        "list of a tag, counted": f"{_LIST}&tag=vip&count=true",
        "list of people, counted": f"{_LIST}&kind=person&count=true",
        "tags": "/api/tags",
    }
    for what, words in _FOUND.items():
        asked[f"list of {what}"] = f"{_LIST}&q={quote(words)}"
        asked[f"list of {what}, counted"] = f"{_LIST}&q={quote(words)}&count=true"
        asked[f"everything with {what}"] = f"/api/search?q={quote(words)}"
    return asked
