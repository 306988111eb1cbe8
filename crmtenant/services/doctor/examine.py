"""Looking at a whole installation, and repairing what can be repaired without destroying anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.services.doctor.catalog import catalog_findings
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.doctor.server import server_findings

if TYPE_CHECKING:
    from crmtenant.services.operations import Operations

log = structlog.get_logger(__name__)


def examine(
    operations: Operations,
    spares: int,
    slug: str | None = None,
    on_host: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Everything that is not as it should be, on every server. One that cannot be reached is a finding."""
    found = list(catalog_findings(operations, spares, slug))
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
                    "See to it that it runs and lets us in.",
                )
            )
        on_host(server.name)
    return found


def repair(findings: list[Finding]) -> None:
    """Nothing comes back; what can be repaired is, as far as that succeeds: look again to see what remains."""
    for finding in findings:
        if finding.fix is None:
            continue
        try:
            finding.fix()
        except RECOVERABLE_ERRORS as problem:
            log.warning("not_repaired", check=finding.check, about=finding.about, reason=sentence(problem))
