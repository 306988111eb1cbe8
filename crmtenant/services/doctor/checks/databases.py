"""Checks of the companies' databases: existence, owner, access, connection limit and schema."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import advance_sequences, examine_contents, fingerprint, schema_of
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


#: How many differences of a schema are named.
SHOWN = 5


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


@dataclass(frozen=True, slots=True)
class TemplateSchema:
    """The schema that a new company gets."""

    fingerprint: str
    lines: frozenset[str]


def template_schema(server_state: ServerState) -> TemplateSchema:
    """Return the schema that a new company gets."""
    template = server_state.names.template(head("tenant"))
    address = server_state.server.address
    with scratch_copy(address, server_state.names, template) as scratch:
        return TemplateSchema(fingerprint(address, scratch), schema_of(address, scratch))


def content_findings(
    server_state: ServerState, company: KnownDatabase, expected: TemplateSchema
) -> Iterator[Finding]:
    """Check that the database says it is the company's, has the expected schema, and numbers rows anew."""
    address = server_state.server.address
    found = examine_contents(address, company.database)
    if found.company_ids != {company.tenant_id}:
        yield Finding(
            "identity",
            company.slug,
            "problem",
            "The database says that it is another company's, or nobody's.",
            "Suspend the company, and restore its backup.",
        )
    if found.fingerprint != expected.fingerprint:
        differing = _differing(expected.lines, schema_of(address, company.database))
        yield Finding(
            "schema",
            company.slug,
            "problem",
            f"The schema differs from that of its revision, and the next migration may fail: {differing}.",
            "Compare pg_dump --schema-only with that of a new company, and repair it manually.",
        )
    if found.lagging_sequences:
        yield Finding(
            "sequence",
            company.slug,
            "problem",
            f"Numbers that are used already would be given again, so nothing can be added: {', '.join(found.lagging_sequences)}.",
            "Have the sequences go on after the highest number.",
            partial(advance_sequences, address, company.database, found.lagging_sequences),
        )


def _differing(expected: frozenset[str], found: frozenset[str]) -> str:
    """Return what differs: kind, table and name of the first few things."""
    things = sorted({" ".join(line.split(" ")[:3]) for line in expected ^ found})
    more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
    return ", ".join(things[:SHOWN]) + more
