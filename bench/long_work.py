"""What a company's people wait for while others import, export, send hostile files, or register."""

from __future__ import annotations

import http.client
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from bench.contacts import contact
from bench.figures import Figure, at_most
from bench.ground import HOST, ground
from bench.load import Slice
from bench.processes import Loader, loader, pserve, request_text
from bench.run import Run

CONTACTS = 5000
OTHERS = 4
REGISTRATIONS = 12
ROWS, ROWS_IF_QUICK = 15_000, 2000
WORST_MS, HEALTH_MS = 250, 50
_SLICE_SECONDS = 0.5
_PATIENCE_SECONDS = 300
_LIST = "/api/contacts?limit=50&fields=id,kind,name,job_title,organization_id,tags,updated_at,version"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request of somebody else, sent as often as `times` says."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""
    times: int = 1
    source: str = HOST

    def statuses(self, port: int) -> list[int]:
        """Send it over connections of their own; return the statuses."""
        return [self._status(port) for _ in range(self.times)]

    def _status(self, port: int) -> int:
        connection = http.client.HTTPConnection(
            HOST, port, timeout=_PATIENCE_SECONDS, source_address=(self.source, 0)
        )
        try:
            connection.request(self.method, self.path, self.body or None, dict(self.headers))
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except ConnectionError:  # refused before it was read to its end
            return 0
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class _Beside:
    """Somebody who asks for one thing after the other while others are busy."""

    port: int
    loader: Loader

    def worst(self, name: str, others: Iterable[Asked]) -> tuple[float, str]:
        """The longest wait in ms while the others are at work, and what they were answered."""
        requests = list(others)
        with ThreadPoolExecutor(len(requests)) as pool:
            busy = [pool.submit(one.statuses, self.port) for one in requests]
            slices = list(self._slices(name, busy))
        answered = Counter(status for one in busy for status in one.result())
        waits = [one.worst_latency * 1000 for one in slices]
        told = ", ".join(f"{count} x {status}" for status, count in sorted(answered.items()))
        asked = sum(one.count for one in slices)
        p95 = max(one.p95_latency for one in slices) * 1000
        return max(waits), f"{asked} asked, p95 at most {p95:.0f} ms; others were answered {told}"

    def _slices(self, name: str, busy: Sequence[Future[list[int]]]) -> Iterator[Slice]:
        yield self.loader.load(name, self.port, 1, _SLICE_SECONDS)
        while not all(one.done() for one in busy):
            yield self.loader.load(name, self.port, 1, _SLICE_SECONDS)


def measure(run: Run) -> list[Figure]:
    """The worst that one who asks for lists meets, and a check of health."""
    rows = ROWS_IF_QUICK if run.is_quick else ROWS
    kinds = {
        f"{OTHERS} imports of {rows:,} rows": partial(_imports, count=rows),
        f"{OTHERS} exports": _exports,
        f"{OTHERS} hostile uploads": _hostile,
    }
    figures = []
    with _beside() as (beside, tokens):
        for what, made in run.watched(kinds.items(), "long work", len(kinds)):
            worst, seen = beside.worst("list", made(tokens))
            figures.append(
                Figure("fair", f"a list beside {what}, worst", worst, "ms", seen, at_most(WORST_MS))
            )
        worst, seen = beside.worst("health", _registrations())
    what = f"/api/health beside {REGISTRATIONS} registrations, worst"
    return [*figures, Figure("fair", what, worst, "ms", seen, at_most(HEALTH_MS))]


@contextmanager
def _beside() -> Iterator[tuple[_Beside, list[str]]]:
    with ground() as home:
        tokens = [home.token(home.company(contacts=CONTACTS)) for _ in range(1 + OTHERS)]
        with pserve(home.directory) as served, loader() as quiet:
            quiet.prepare("list", [request_text("GET", _LIST, tokens[0])])
            quiet.prepare("health", [f"GET /api/health HTTP/1.1\r\nHost: {HOST}\r\n\r\n"])
            quiet.load("list", served.port, 1, _SLICE_SECONDS)
            yield _Beside(served.port, quiet), tokens[1:]


def _headers(token: str, content_type: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": content_type}


def _imports(tokens: Sequence[str], count: int) -> list[Asked]:
    rows = (contact(CONTACTS + number) for number in range(count))
    lines = (
        f"{row['given_name']};{row['family_name']};{row['emails'][0]['value']};{row['phones'][0]['value']}\n"
        for row in rows
    )
    file = ("First name;Last name;E-mail;Phone\n" + "".join(lines)).encode()
    return [Asked("POST", "/api/contacts/import", _headers(token, "text/csv"), file) for token in tokens]


def _exports(tokens: Sequence[str]) -> list[Asked]:
    paths = ("/api/contacts/export?format=csv", "/api/contacts/export?format=vcard", "/api/company/export")
    return [
        Asked("GET", paths[number % len(paths)], _headers(token, "text/plain"), times=3)
        for number, token in enumerate(tokens)
    ]


def _hostile(tokens: Sequence[str]) -> list[Asked]:
    form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
    files = (
        ("text/csv", b"Name\nAnna\n" + b"\n" * 2_000_000),
        ("multipart/form-data; boundary=b", form + b"Name\n" + b"a\n" * 15_000_000 + b"\r\n--b--\r\n"),
        (
            "text/vcard",
            b"BEGIN:VCARD\nFN:Anna\nNOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * 1_000_000 + b"\nEND:VCARD\n",
        ),
        ("application/json", b'[{"name":"Anna","tags":[' + b"1," * 4_000_000 + b"1]}]"),
    )
    return [
        Asked("POST", "/api/contacts/import", _headers(token, kind), file, times=2)
        for token, (kind, file) in zip(tokens, files, strict=True)
    ]


def _registrations() -> list[Asked]:
    return [
        Asked("POST", "/api/registrations", {"Content-Type": "application/json"}, body, source=f"127.0.1.{number}")
        for number, body in enumerate(map(_registration, range(REGISTRATIONS)), start=1)
    ]  # fmt: skip


def _registration(number: int) -> bytes:
    person = {"company_name": f"New {number}", "name": "Nora", "email": f"nora{number}@example.net"}
    return json.dumps({**person, "password": "vier grüne Fahrräder am See"}).encode()
