"""Checks of the copies, in companies' own databases, of what the catalog says of them (ADR 20)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from hashlib import md5
from typing import TYPE_CHECKING

from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.essentials import has_room, read_copy
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.jobs.essentials_copies import EssentialsCopies

if TYPE_CHECKING:
    from crmtenant.db.admin.essentials import CopiedEssentials
    from crmtenant.services.doctor.server_state import KnownDatabase, ServerState
    from crmtenant.services.recovery.essentials import CurrentEssentials

#: The worker copies every few seconds, but may be busy, or being restarted.
OVERDUE = timedelta(minutes=10)


def essentials_findings(
    server_state: ServerState, company: KnownDatabase, current: CurrentEssentials | None
) -> Iterator[Finding]:
    """Check that the company's database has a copy, and that it is what the catalog says. `current` is None for a company
    that has no room for a copy yet."""
    if current is None:
        return
    with administering(server_state.server.address.admin(company.database)) as inside:
        is_ours = has_room(inside)
        found = read_copy(inside, company.tenant_id)
    if not is_ours:
        yield _finding(
            company,
            "The table essentials is missing, or others than the owner have rights to it; it is neither written nor believed.",
            "Compare it with that of a new company, and repair it manually.",
        )
    elif meaning := _meaning(found, current):
        yield Finding(
            "essentials",
            company.slug,
            "warning",
            meaning,
            "Write it anew.",
            partial(_write_anew, server_state, company),
        )
    elif found is not None and not _is_older(found, current):
        yield _finding(
            company,
            "The catalog is older than the copy in the company's database, which is kept: people may be missing.",
            "If the catalog was restored by hand, recover it: crmtenant catalog recover",
        )


def _finding(company: KnownDatabase, meaning: str, repair: str) -> Finding:
    return Finding("essentials", company.slug, "problem", meaning, repair)


def _meaning(found: CopiedEssentials | None, current: CurrentEssentials) -> str | None:
    """Return what is wrong with a copy that is missing or older than the catalog, unless it may be on its way."""
    moment = now()
    if moment - current.changed_at < OVERDUE:
        return None
    if found is None:
        return "Its database has no copy of what the catalog says of it: if the catalog were lost, so would be who joined lately."
    is_late = moment - found.saved_at >= OVERDUE
    if _is_older(found, current) and is_late and _digest(found) != current.digest:
        return "The copy of what the catalog says of it is not up to date; the worker may not be running."
    return None


def _is_older(found: CopiedEssentials, current: CurrentEssentials) -> bool:
    """Return whether the catalog knows of this copy, or of a newer one."""
    return current.copied_at is not None and found.saved_at <= current.copied_at


def _digest(found: CopiedEssentials) -> str:
    return md5(found.document.encode(), usedforsecurity=False).hexdigest()


def _write_anew(server_state: ServerState, company: KnownDatabase) -> None:
    operations = server_state.operations
    EssentialsCopies(operations.catalog, operations.servers).write_anew(company.tenant_id)
