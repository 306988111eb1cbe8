"""What one server has, against what the catalog says it should have."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import examine
from crmtenant.db.failures import RECOVERABLE_ERRORS
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
from crmtenant.services.doctor.server_state import Known, Scene, known_on

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import ServerFacts
    from crmtenant.db.admin.servers import ManagedServer
    from crmtenant.services.operations import Operations

SKEW_SECONDS = 5
FULL_SHARE = 0.85


def server_findings(
    operations: Operations, host: ManagedServer, slug: str | None = None
) -> Iterator[Finding]:
    """Everything on this server that is not as it should be; `slug` narrows it to one company."""
    facts = examine(host.address)
    # After the server, as the reconciler does: whoever makes a database writes its name here first.
    scene = Scene(operations, host, facts, known_on(operations.catalog, host.id))
    if slug is None:
        yield from _settings(host.name, facts)
        yield from _files(host.name, facts)
        yield from leftover_databases(scene)
        yield from leftover_roles(scene)
    companies = [company for company in scene.companies if slug in {None, company.slug}]
    compared = []
    for company in companies:
        is_through = yield from _examined(scene, company, _company(scene, company))
        if is_through and is_comparable(scene, company):
            compared.append(company)
    model = schema_of_new_ones(scene) if compared else ""
    for company in compared:
        yield from _examined(scene, company, schema_findings(scene, company, model))


def _examined(scene: Scene, company: Known, findings: Iterator[Finding]) -> Generator[Finding, None, bool]:
    """Whether all of the findings came. What stopped them is one, unless the company is elsewhere by now, or left; a
    server that does not answer any more is raised."""
    try:
        yield from findings
        return True
    except RECOVERABLE_ERRORS as problem:
        scene.require_answer()
        if scene.is_still(company):
            yield Finding(
                "company",
                company.slug,
                "problem",
                # Where a company's database is, is never told.
                f"It could not be examined: {sentence(problem).replace(company.database, '(the company)')}",
                "See what the server's log says of it.",
            )
        return False


def _company(scene: Scene, company: Known) -> Iterator[Finding]:
    """What is wrong with one company; without database or role there is nothing more to look at."""
    if not (yield from database_is_ours(scene, company)):
        return
    if not (yield from role_is_there(scene, company)):
        return
    yield from door_findings(scene, company)
    yield from role_findings(scene, company)
    yield from password_findings(scene, company)


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
