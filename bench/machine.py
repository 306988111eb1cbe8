"""The machine and the versions a run was made with."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_CPU_MODEL = "model name"
_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def description(postgresql: str) -> list[str]:
    """One sentence each about when, where and with what."""
    packages = ", ".join(
        f"{name} {version(name)}" for name in ("pyramid", "waitress", "sqlalchemy", "psycopg2-binary")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        f"{os.cpu_count()} cores ({_cpu_model()}), {memory:.0f} GB of memory, {platform.system()}",
        f"Python {platform.python_version()}, PostgreSQL {postgresql} (embedded, fsync on), {packages}",
    ]


def load() -> float:
    """How many processes wanted a core, on average over the last minute, this program's own included."""
    return os.getloadavg()[0]


def cpu_seconds(pid: int) -> float:
    """The processor time a process has used so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _CLOCK_TICKS


def unshared_bytes() -> int:
    """This process's memory that nobody else has (USS)."""
    text = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")
    kept = (line.split() for line in text.splitlines() if line.startswith("Private_"))
    return sum(int(fields[1]) for fields in kept) * 1024


def _cpu_model() -> str:
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    lines = (line.partition(":") for line in text.splitlines())
    return next((value.strip() for name, _, value in lines if name.strip() == _CPU_MODEL), platform.machine())
