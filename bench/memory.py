"""What a company costs this program in memory once it was used, and that connections keep to their budget.

`python -m bench.memory DIRECTORY` is the process that is measured; it reads `tenant login` lines.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from bench.figures import Figure, at_most
from bench.ground import ROOT, environment, ground, peer_of, settings_for
from bench.machine import unshared_bytes
from bench.run import Run
from crmtenant import make_app
from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.platform import Platform

COMPANIES = 500
BUDGET = 32
_WARM = 40
_MAKING_SECONDS = 75
_SAMPLE_SECONDS = 0.005
_OPEN = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'crmtenant' AND pid <> pg_backend_pid()"
    " AND (datname ~ '^t_' OR datname = 'crmtenant')"
)


def measure(run: Run) -> list[Figure]:
    """Measure with as many companies as can be made in the time, 500 if possible, each requested once."""
    wanted, made_within = (80, 10) if run.is_quick else (COMPANIES, _MAKING_SECONDS)
    with ground() as home:
        deadline = time.monotonic() + made_within
        made = []
        for _ in run.watched(range(wanted), "memory: companies", wanted):
            if time.monotonic() < deadline or len(made) <= _WARM + 20:
                made.append(home.company())
        home.platform.databases.broker.close()  # what this process had open is not to be counted
        lines = "".join(f"{company.tenant_id} {company.user_id}\n" for company in made)
        with _watched(home.platform._server.address.admin()) as peaks:
            answer = subprocess.run(
                [sys.executable, "-m", "bench.memory", str(home.directory)],
                input=lines, capture_output=True, text=True, check=False, cwd=ROOT,
            )  # fmt: skip
    if answer.returncode:
        raise RuntimeError(answer.stderr)
    seen = json.loads(answer.stdout)
    per_tenant = seen["grown"] / seen["touched"] / 1024
    note = f"{seen['touched']} companies with real databases, after {_WARM} others; {seen['grown'] / 1024:.0f} kB in all"
    return [
        Figure("memory", "Python memory a company", per_tenant, "kB", note, at_most(4)),
        Figure("memory", f"most connections open, budget {BUDGET}", max(peaks), "",
               f"pg_stat_activity, {len(peaks)} samples, 8 threads", at_most(BUDGET)),
    ]  # fmt: skip


@contextmanager
def _watched(address: DatabaseAddress) -> Iterator[list[int]]:
    """How many connections were open, looked at again and again while the block ran."""
    peaks: list[int] = [0]
    is_over = threading.Event()

    def look() -> None:
        with closing(address.connect(application_name="bench")) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            while not is_over.wait(_SAMPLE_SECONDS):
                cursor.execute(_OPEN)
                peaks.append(cursor.fetchone()[0])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peaks
    finally:
        is_over.set()
        watcher.join()


def _touch_all(directory: Path, companies: list[list[str]]) -> dict[str, int]:
    """How much memory the companies after the first took. Then eight threads ask all of them once more."""
    platform = Platform.open(settings_for(directory, connection_budget=BUDGET))
    try:
        app = make_app(platform)

        def touch(company: list[str]) -> None:
            tenant_id, user_id = company
            status, body = peer_of(app, platform.identity.tokens.issue(user_id, tenant_id, 1))(
                "GET", "/api/contacts"
            )
            assert status == "200 OK", body

        for company in companies[:_WARM]:
            touch(company)
        before = _settled_bytes()
        for company in companies[_WARM:]:
            touch(company)
        grown = _settled_bytes() - before
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(touch, companies))
    finally:
        platform.close()
    return {"grown": grown, "touched": len(companies) - _WARM}


def _settled_bytes() -> int:
    gc.collect()
    return unshared_bytes()


if __name__ == "__main__":
    import os

    os.environ |= environment(Path(sys.argv[1]))
    sys.stdout.write(json.dumps(_touch_all(Path(sys.argv[1]), [line.split() for line in sys.stdin])))
