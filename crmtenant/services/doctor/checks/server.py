"""Checks of one server: its settings and files, and all its databases and roles against the catalog."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import examine
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.services.doctor.checks.databases import (
    access_findings,
    content_findings,
    database_is_ours,
    is_comparable,
    leftover_databases,
    template_schema,
)
from crmtenant.services.doctor.checks.essentials import essentials_findings
from crmtenant.services.doctor.checks.labels import label_findings
from crmtenant.services.doctor.checks.roles import (
    leftover_roles,
    password_findings,
    role_exists,
    role_findings,
)
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.doctor.server_state import KnownDatabase, ServerState, known_databases
from crmtenant.services.recovery.essentials import current_essentials

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import ServerFacts
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.services.operations import Operations

SKEW_SECONDS = 5
FULL_SHARE = 0.85


def server_findings(
    operations: Operations, server: ManagedServer, slug: str | None = None
) -> Iterator[Finding]:
    """Check this server and what is on it; `slug` limits the check to one company."""
    facts = examine(server.address)
    # After the server, as the reconciler does: a database is recorded in the catalog before it is made.
    server_state = ServerState(operations, server, facts, known_databases(operations.catalog, server.id))
    if slug is None:
        yield from _settings(server.name, facts)
        yield from _files(server.name, facts)
        yield from leftover_databases(server_state)
        yield from leftover_roles(server_state)
    companies = [company for company in server_state.companies if slug in {None, company.slug}]
    comparable = []
    for company in companies:
        is_complete = yield from _examined(server_state, company, _company(server_state, company))
        if is_complete and is_comparable(server_state, company):
            comparable.append(company)
    if comparable:
        yield from _schemas(server_state, comparable)


def _schemas(server_state: ServerState, companies: list[KnownDatabase]) -> Iterator[Finding]:
    try:
        expected = template_schema(server_state)
    except RECOVERABLE_ERRORS as problem:
        server_state.require_answer()
        meaning = f"Schemas cannot be compared: no copy of the template can be made: {sentence(problem)}"
        yield Finding(
            "template",
            server_state.server.name,
            "problem",
            meaning,
            "Restart the worker, which makes it anew.",
        )
        return
    essentials = current_essentials(server_state.operations.catalog, server_state.server.id)
    for company in companies:
        checks = chain(
            content_findings(server_state, company, expected),
            essentials_findings(server_state, company, essentials.get(company.tenant_id)),
        )
        yield from _examined(server_state, company, checks)


def _examined(
    server_state: ServerState, company: KnownDatabase, findings: Iterator[Finding]
) -> Generator[Finding, None, bool]:
    """Yield the findings; return whether the checks were completed.

    An error that stopped them is a finding, unless the company was moved or deleted in the meantime. If the server no
    longer answers, that is raised.
    """
    try:
        yield from findings
        return True
    except RECOVERABLE_ERRORS as problem:
        server_state.require_answer()
        if server_state.is_still(company):
            yield Finding(
                "company",
                company.slug,
                "problem",
                # The name of a company's database is never shown.
                f"It could not be examined: {sentence(problem).replace(company.database, '(the company)')}",
                "See the server's log.",
            )
        return False


def _company(server_state: ServerState, company: KnownDatabase) -> Iterator[Finding]:
    """Check one company; without its database or role there is nothing more to check."""
    if not (yield from database_is_ours(server_state, company)):
        return
    if not (yield from role_exists(server_state, company)):
        return
    yield from label_findings(server_state, company)
    yield from access_findings(server_state, company)
    yield from role_findings(server_state, company)
    yield from password_findings(server_state, company)


def _settings(name: str, facts: ServerFacts) -> Iterator[Finding]:
    if facts.password_encryption != "scram-sha-256":  # noqa: S105 (the name of a method)
        yield Finding(
            "password-encryption",
            name,
            "warning",
            "Passwords that are set manually are stored as weak hashes.",
            "Set password_encryption to scram-sha-256.",
        )
    if facts.connections > FULL_SHARE * facts.max_connections:
        yield Finding(
            "connections",
            name,
            "warning",
            f"{facts.connections} of {facts.max_connections} connections are in use; users will soon be refused.",
            "Raise max_connections, or lower connection_budget of the processes.",
        )
    if abs(facts.skew_seconds) > SKEW_SECONDS:
        yield Finding(
            "clock",
            name,
            "warning",
            "The server's clock differs from ours; things expire at the wrong time.",
            "Synchronize both with NTP.",
        )


def _files(name: str, facts: ServerFacts) -> Iterator[Finding]:
    if facts.orphans is None:
        yield Finding(
            "orphan-directories",
            name,
            "note",
            "Whether files of lost databases take space is unknown: only a superuser may check.",
            "None needed.",
        )
    elif facts.orphans:
        yield Finding(
            "orphan-directories",
            name,
            "warning",
            f"{facts.orphans} directories that belong to no database take space.",
            "Inspect them while the server is stopped; doctor never removes files.",
        )
    if not facts.withholds_large_objects:
        yield Finding(
            "large-objects",
            name,
            "note",
            "Companies could fill the disk with large objects, since our user is no superuser.",
            "As a superuser, revoke EXECUTE on the lo_ functions in the template.",
        )
