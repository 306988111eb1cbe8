"""What one server has, against what the catalog says it should have."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import examine
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import sentence
from crmtenant.services.doctor.databases import (
    database_is_ours,
    door_findings,
    is_comparable,
    leftover_databases,
    schema_findings,
    schema_of_new_ones,
)
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.doctor.roles import leftover_roles, password_findings, role_findings, role_is_there
from crmtenant.services.doctor.server_state import Known, ServerState, known_on

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import ServerFacts
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.services.operations import Operations

SKEW_SECONDS = 5
FULL_SHARE = 0.85


def server_findings(
    operations: Operations, server: ManagedServer, slug: str | None = None
) -> Iterator[Finding]:
    """Everything on this server that is not as it should be; `slug` narrows it to one company."""
    facts = examine(server.address)
    # After the server, as the reconciler does: whoever makes a database writes its name here first.
    server_state = ServerState(operations, server, facts, known_on(operations.catalog, server.id))
    if slug is None:
        yield from _settings(server.name, facts)
        yield from _files(server.name, facts)
        yield from leftover_databases(server_state)
        yield from leftover_roles(server_state)
    companies = [company for company in server_state.companies if slug in {None, company.slug}]
    compared = []
    for company in companies:
        is_through = yield from _examined(server_state, company, _company(server_state, company))
        if is_through and is_comparable(server_state, company):
            compared.append(company)
    model = schema_of_new_ones(server_state) if compared else ""
    for company in compared:
        yield from _examined(server_state, company, schema_findings(server_state, company, model))


def _examined(
    server_state: ServerState, company: Known, findings: Iterator[Finding]
) -> Generator[Finding, None, bool]:
    """Whether all of the findings came. What stopped them is one, unless the company is elsewhere by now, or left; a
    server that does not answer any more is raised."""
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
                # Where a company's database is, is never told.
                f"It could not be examined: {sentence(problem).replace(company.database, '(the company)')}",
                "See what the server's log says of it.",
            )
        return False


def _company(server_state: ServerState, company: Known) -> Iterator[Finding]:
    """What is wrong with one company; without database or role there is nothing more to look at."""
    if not (yield from database_is_ours(server_state, company)):
        return
    if not (yield from role_is_there(server_state, company)):
        return
    yield from door_findings(server_state, company)
    yield from role_findings(server_state, company)
    yield from password_findings(server_state, company)


def _settings(name: str, facts: ServerFacts) -> Iterator[Finding]:
    if facts.password_encryption != "scram-sha-256":  # noqa: S105 (the name of a method)
        yield Finding(
            "password-encryption",
            name,
            "warning",
            "Passwords set by hand are kept as weak hashes.",
            "Set password_encryption to scram-sha-256.",
        )
    if facts.connections > FULL_SHARE * facts.max_connections:
        yield Finding(
            "connections",
            name,
            "warning",
            f"{facts.connections} of {facts.max_connections} connections are in use; soon people are refused.",
            "Raise max_connections, or lower connection_budget of the processes.",
        )
    if abs(facts.skew_seconds) > SKEW_SECONDS:
        yield Finding(
            "clock",
            name,
            "warning",
            "The server's clock differs from ours; what expires does so at the wrong time.",
            "Let both be set by NTP.",
        )


def _files(name: str, facts: ServerFacts) -> Iterator[Finding]:
    if facts.orphans is None:
        yield Finding(
            "orphan-directories",
            name,
            "note",
            "Whether files of lost databases take room cannot be told: only a superuser may look.",
            "Nothing need be done.",
        )
    elif facts.orphans:
        yield Finding(
            "orphan-directories",
            name,
            "warning",
            f"{facts.orphans} directories of no database take room.",
            "Look at them with the server down; doctor never removes files.",
        )
    if not facts.withholds_large_objects:
        yield Finding(
            "large-objects",
            name,
            "note",
            "Companies could fill the disk with large objects, since we are no superuser.",
            "As a superuser, revoke EXECUTE on the lo_ functions in the template.",
        )
