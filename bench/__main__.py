"""`python -m bench [names...] [--quick]`: measure, show, and write bench/RESULTS.md."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from rich.console import Console
from rich.progress import Progress

from bench import cold, fair, fleet, growth, imports, memory, over_http, registration, trips, workers
from bench.figures import RESULTS, Figure, document, table
from bench.ground import ground
from bench.machine import description, load
from bench.run import Run

BENCHES: dict[str, Callable[[Run], list[Figure]]] = {
    "http": over_http.measure,
    "fair": fair.measure,
    "workers": workers.measure,
    "registration": registration.measure,
    "cold": cold.measure,
    "trips": trips.measure,
    "memory": memory.measure,
    "fleet": fleet.measure,
    "growth": growth.measure,
    "imports": imports.measure,
}


def main() -> None:
    """Measure, print the table, and write it if every bench ran in full."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"some of {', '.join(BENCHES)}; default: all"
    )
    parser.add_argument("--quick", action="store_true", help="rough numbers in less than a minute")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"there is no bench {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    console = Console()
    begun_at, load_before = time.monotonic(), load()
    with Progress(console=console) as progress:
        run = Run(options.quick, progress)
        figures = [figure for name in options.names or BENCHES for figure in BENCHES[name](run)]
    console.print(table(figures))
    if options.quick or options.names:
        console.print("Not written to RESULTS.md, which is for whole runs.")
        return
    taken = time.monotonic() - begun_at
    busy = f"load {load_before:.1f} when the run began, {load():.1f} when it ended; it took {taken:.0f} s"
    RESULTS.write_text(document([*description(_postgresql()), busy], figures), encoding="utf-8")
    console.print(f"Written to {RESULTS}")


def _postgresql() -> str:
    with ground() as home, home.platform.databases.catalog.begin() as session:
        (version,) = session.connection().exec_driver_sql("SHOW server_version").one()
    return str(version)


if __name__ == "__main__":
    main()
