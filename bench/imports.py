"""Importing files of contacts through the API: how long it takes, and how much memory."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson

from bench.contacts import contact
from bench.figures import Figure, at_most
from bench.ground import HOST, ground
from bench.processes import Served, pserve
from bench.run import Run

ROWS, MANY = 10_000, 100_000
QUICK, QUICK_MANY = 500, 2_000
MOST_MEGABYTES = 100
_HEADER = (
    "First Name", "Last Name", "Organization", "Job Title", "E-mail", "E-mail 2", "Mobile Phone", "Street", "Postal Code",
    "City", "Country", "Tags", "Notes", "Kundennummer",
)  # fmt: skip


def measure(run: Run) -> list[Figure]:
    """A trial and an import of a file half of which the company knows, and a file of many more rows.

    Memory is what the serving process had at most (VmHWM) beyond what it had after the first file.
    """
    rows, many = (QUICK, QUICK_MANY) if run.is_quick else (ROWS, MANY)
    with ground(spares=0) as home:
        company = home.company(contacts=rows // 2)
        token = home.token(company)
        with pserve(home.directory) as served:
            send(served, token, file_of(20, since=10**6), dry_run=True)
            half_known, large = file_of(rows), file_of(many, since=10**5)
            steps = iter(run.watched(range(3), "imports", 3))
            next(steps)
            trial = send(served, token, half_known, dry_run=True)
            next(steps)
            real = send(served, token, half_known)
            before = most_memory(served)
            next(steps)
            long = send(served, token, large)
            grown = (most_memory(served) - before) / 1024
    assert _counts(trial[1]) == _counts(real[1]) == (rows - rows // 2, rows // 2, 0)
    return [
        Figure("imports", f"trial of {rows:,} rows, half of them known", trial[0], "s", _seen(rows, trial[0]), at_most(3)),
        Figure("imports", f"import of {rows:,} rows, half of them known", real[0], "s", _seen(rows, real[0]), at_most(6)),
        Figure("imports", f"import of {many:,} rows", long[0], "s", _seen(many, long[0])),
        Figure("imports", f"memory of it beyond the {rows:,}", grown, "MB", f"file {len(large) >> 20} MB", at_most(MOST_MEGABYTES)),
    ]  # fmt: skip


def file_of(count: int, *, since: int = 0) -> bytes:
    """Return a CSV file of the contacts with these numbers."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    writer.writerows(_cells(number) for number in range(since, since + count))
    return text.getvalue().encode()


def _cells(number: int) -> list[str]:
    one = contact(number)
    address = one["addresses"][0]
    return [
        one["given_name"], one["family_name"], f"Firma {number % 700} GmbH", one["job_title"],
        one["emails"][0]["value"], one["emails"][1]["value"] if number % 3 else "", one["phones"][0]["value"],
        address["street"], address["postal_code"], address["city"], address["country"], ", ".join(one["tags"]),
        "met at the fair, wants an offer" if number % 2 else "", f"K{number}",
    ]  # fmt: skip


def send(served: Served, token: str, file: bytes, *, dry_run: bool = False) -> tuple[float, dict[str, Any]]:
    """Import the file; return the seconds and the answer."""
    asking = Request(
        f"http://{HOST}:{served.port}/api/contacts/import?dry_run={str(dry_run).lower()}",
        file,
        {"Authorization": f"Bearer {token}", "Content-Type": "text/csv"},
    )
    begun = time.perf_counter()
    with urlopen(asking, timeout=600) as answer:
        body = answer.read()
    return time.perf_counter() - begun, orjson.loads(body)


def most_memory(served: Served) -> int:
    """Return the most memory that the serving process ever had, in kB."""
    lines = Path(f"/proc/{served.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


def _counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["created"], answer["updated"], answer["skipped"]


def _seen(rows: int, seconds: float) -> str:
    return f"{rows / seconds:.0f} rows/s over HTTP"
