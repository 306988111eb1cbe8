"""Checks of the companies' databases: existence, owner, access, connection limit and schema."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import fingerprint
from crmtenant.db.admin.repairs import remove_connection_limit, revoke_connect
from crmtenant.db.admin.scratch import scratch_copy
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.migrations import head
from crmtenant.errors import sentence
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.jobs.reconciler import CLOSED_STATES

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import DatabaseFacts
    from crmtenant.services.doctor.server_state import KnownDatabase, ServerState


def leftover_databases(server_state: ServerState) -> Iterator[Finding]:
    """Find databases of ours that the catalog does not know."""
    known = server_state.databases
    for database, found in server_state.facts.databases.items():
        if found.owner == server_state.names.owner and database not in known:
            try:
                yield _leftover(server_state, found)
            except RECOVERABLE_ERRORS as problem:
                server_state.require_answer()
                meaning = f"A database that the catalog does not know cannot be examined: {sentence(problem)}"
                yield Finding("orphan-database", database, "warning", meaning, "See the server's log.")


def _leftover(server_state: ServerState, found: DatabaseFacts) -> Finding:
    if found.is_broken:
        return Finding(
            "invalid-database",
            found.name,
            "warning",
            "A drop was interrupted; the database only takes space.",
            "Drop it.",
            server_state.reconcile,
        )
    if server_state.server.provisioner.is_unused(found.name):
        return Finding(
            "orphan-database",
            found.name,
            "warning",
            "A database nobody uses takes space.",
            "Drop it.",
            server_state.reconcile,
        )
    return Finding(
        "orphan-database",
        found.name,
        "warning",
        "A company's database is missing from the catalog; nobody can use it.",
        "Restore its backup with --as, then drop it manually.",
    )


def database_is_ours(server_state: ServerState, company: KnownDatabase) -> Generator[Finding, None, bool]:
    """Check that the company's database exists, is valid and ours; return whether it is."""
    database = server_state.facts.databases.get(company.database)
    if database is None or database.is_broken:
        yield Finding(
            "missing-database",
            company.slug,
            "problem",
            "The company's database does not exist; its users are refused.",
            f"crmtenant restore ... --into {company.slug}",
        )
        return False
    if database.owner != server_state.names.owner:
        yield Finding(
            "owner",
            company.slug,
            "problem",
            "The database is owned by another role, which may change anything in it.",
            "ALTER DATABASE ... OWNER TO the installation's owner.",
        )
        return False
    return True


def access_findings(server_state: ServerState, company: KnownDatabase) -> Iterator[Finding]:
    """Check that the company's role may connect to its database while it is served, and nobody else ever."""
    found = server_state.facts.databases[company.database]
    other_roles = tuple(name for name in found.allowed_roles if name != company.database)
    if other_roles:
        yield Finding(
            "acl",
            company.slug,
            "problem",
            "Other roles than the company's own may connect to its database.",
            "Revoke CONNECT from them.",
            partial(revoke_connect, server_state.server.address, company.database, other_roles),
        )
    may_connect = found.is_open and company.database in found.allowed_roles
    if may_connect == (company.state in CLOSED_STATES):
        meaning = (
            "The company is closed, but its role may connect."
            if may_connect
            else "Its users are refused: the database is closed."
        )
        yield Finding(
            "door",
            company.slug,
            "problem",
            meaning,
            "Open or close it as the catalog says.",
            server_state.reconcile,
        )
    if found.is_limited:
        yield Finding(
            "limit",
            company.slug,
            "problem",
            "The database has a connection limit; some or all of the company's users are refused.",
            "Remove the limit of the database; its role has one.",
            partial(remove_connection_limit, server_state.server.address, company.database),
        )


def is_comparable(server_state: ServerState, company: KnownDatabase) -> bool:
    """Return whether the company's schema must equal a new company's, and can be read."""
    found = server_state.facts.databases.get(company.database)
    is_ours = found is not None and found.owner == server_state.names.owner
    is_readable = found is not None and found.is_open and not (found.is_broken or found.is_limited)
    return is_ours and is_readable and company.state != "deleting" and company.revision == head("tenant")


def template_fingerprint(server_state: ServerState) -> str:
    """Return the fingerprint of the schema that a new company gets."""
    template = server_state.names.template(head("tenant"))
    with scratch_copy(server_state.server.address, server_state.names, template) as scratch:
        return fingerprint(server_state.server.address, scratch)


def schema_findings(server_state: ServerState, company: KnownDatabase, expected: str) -> Iterator[Finding]:
    """Check that the company's schema has the expected fingerprint."""
    if fingerprint(server_state.server.address, company.database) != expected:
        yield Finding(
            "schema",
            company.slug,
            "problem",
            "The database's schema differs from that of its revision; the next migration may fail.",
            "Compare pg_dump --schema-only with that of a new company, and repair it manually.",
        )
