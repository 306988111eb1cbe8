"""What each process may have of what the settings allow all of them together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.errors import SettingsError

if TYPE_CHECKING:
    from crmtenant.settings import Settings

#: A request has at most one connection to its company's database and one to the catalog.
CONNECTIONS_OF_THREAD = 2
#: What background work gets along with, all of it at once.
MOST_IN_BACKGROUND = 16


@dataclass(frozen=True, slots=True)
class Share:
    """Limits of one process."""

    connections: int
    per_company: int
    connecting: int
    hashing: int


@dataclass(frozen=True, slots=True)
class Division:
    """The share of each serving process, and of the one that works in the background."""

    serving: Share
    background: Share


def divide(settings: Settings, processes: int, threads: int, *, has_background: bool) -> Division:
    """Divide what the settings allow. Raises `SettingsError` if it is too little for so many processes."""
    budget, background = _without_background(settings, processes, has_background=has_background)
    connections, needed = budget // processes, threads * CONNECTIONS_OF_THREAD
    if connections < needed:
        raise SettingsError(
            f"crmtenant.connection_budget: {settings.connection_budget} is too little for"
            f" {processes} processes of {threads} threads; expected at least"
            f" {processes * needed + (MOST_IN_BACKGROUND if has_background else 0)}, or fewer workers"
        )
    per_company = min(connections, max(threads, _part(settings.connections_per_tenant, processes)))
    connecting = _part(settings.simultaneous_connects, processes)
    hashing = _part(settings.password_hash_parallel, processes)
    return Division(
        Share(connections, per_company, connecting, hashing),
        Share(background, min(background, settings.connections_per_tenant), connecting, hashing),
    )


def most_processes(settings: Settings, threads: int, *, has_background: bool) -> int:
    """Return for how many serving processes the connections are enough; at least one."""
    reserved = MOST_IN_BACKGROUND if has_background else 0
    return max(1, (settings.connection_budget - reserved) // (threads * CONNECTIONS_OF_THREAD))


def _without_background(settings: Settings, processes: int, *, has_background: bool) -> tuple[int, int]:
    """Return how many connections all serving processes get, and how many are for the background."""
    budget = settings.connection_budget
    background = min(MOST_IN_BACKGROUND, budget // (processes + 1)) if has_background else 0
    return budget - background, background


def _part(total: int, processes: int) -> int:
    return max(1, -(-total // processes))
