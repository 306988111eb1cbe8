"""Checks of what a company's database says of itself against what the catalog says (ADR 19)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.doctor.server_state import KnownDatabase, ServerState


def label_findings(server_state: ServerState, company: KnownDatabase) -> Iterator[Finding]:
    """Check that the company's database says it is this company's, the current one, and not newer than the catalog."""
    label = server_state.facts.databases[company.database].label
    if label is None:
        return
    if label.company_id != company.tenant_id:
        yield Finding(
            "label",
            company.slug,
            "problem",
            f"Its database says that it belongs to another company, {label.company_id}; its users are refused.",
            f"crmtenant restore ... --into {company.slug}",
        )
    elif label.state == "replaced" and not label.is_served_at(company.epoch):
        yield Finding(
            "label",
            company.slug,
            "problem",
            "Another database took the place of the one that the catalog names; its users are refused.",
            "Take over the newer one. If no server has it: crmtenant restore ... --as",
            server_state.reconcile,
        )
    elif label.epoch > company.epoch:
        yield Finding(
            "label",
            company.slug,
            "problem",
            "The catalog is older than the company's database; its users are refused.",
            "Have the catalog follow.",
            server_state.reconcile,
        )
