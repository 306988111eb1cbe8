"""Examining a whole installation, and repairing what can be repaired without destroying anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.services.doctor.checks.catalog import catalog_findings
from crmtenant.services.doctor.checks.server import server_findings
from crmtenant.services.doctor.checks.space import space_findings
from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.operations import Operations

log = structlog.get_logger(__name__)


def examine(
    operations: Operations,
    spares: int,
    slug: str | None = None,
    on_server: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Run all checks on every server and return their findings. A server that cannot be reached is a finding."""
    found = list(catalog_findings(operations, spares, slug))
    if slug is None:
        found += space_findings(operations)
    for server in operations.servers.all():
        try:
            found += server_findings(operations, server, slug)
        except RECOVERABLE_ERRORS as problem:
            found.append(
                Finding(
                    "server",
                    server.name,
                    "problem",
                    f"The server could not be examined: {sentence(problem)}",
                    "Make sure that it runs and accepts our connections.",
                )
            )
        on_server(server.name)
    return found


def repair(findings: list[Finding]) -> None:
    """Repair what can be repaired. Failures are logged: examine again to see what remains."""
    for finding in findings:
        if finding.fix is None:
            continue
        try:
            finding.fix()
        except RECOVERABLE_ERRORS as problem:
            log.warning("repair_failed", check=finding.check, about=finding.about, reason=sentence(problem))
