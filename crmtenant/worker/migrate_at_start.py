"""Migrating at start, for development, where one process serves and nobody runs commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from crmtenant.errors import Unavailable

if TYPE_CHECKING:
    from crmtenant.platform import Platform


def catch_up(platform: Platform) -> None:
    """Migrate every company to this release's schema; print those that could not be."""
    outdated = platform.operations.fleet_migration.behind()
    if not outdated:
        return
    sys.stderr.write(f"Migrating the databases of {len(outdated)} companies ...\n")
    try:
        report = platform.operations.fleet_migration.migrate(outdated)
    except Unavailable:
        sys.stderr.write("Another process is migrating already.\n")
        return
    for result in report.failed:
        sys.stderr.write(f"{result.company.slug} {result.problem}; it is not served until it is migrated.\n")
