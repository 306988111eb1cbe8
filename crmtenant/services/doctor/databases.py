"""The companies' databases: whether they are there and ours, who gets in, and what their schema is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import fingerprint
from crmtenant.db.admin.repairs import remove_connection_limit, revoke_connect
from crmtenant.db.admin.scratch import scratch_copy
from crmtenant.db.schema.migrations import head
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.jobs.reconciler import SHUT

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import DatabaseFacts
    from crmtenant.services.doctor.server_state import Known, ServerState


def leftover_databases(server_state: ServerState) -> Iterator[Finding]:
    """Databases of ours that the catalog does not know."""
    known = server_state.databases
    for database, found in server_state.facts.databases.items():
        if found.owner == server_state.names.owner and database not in known:
            yield _leftover(server_state, found)


def _leftover(server_state: ServerState, found: DatabaseFacts) -> Finding:
    if found.is_broken:
        return Finding(
            "invalid-database",
            found.name,
            "warning",
            "A drop broke off; it only takes room.",
            "Drop it.",
            server_state.reconcile,
        )
    if server_state.server.provisioner.is_unused(found.name):
        return Finding(
            "orphan-database",
            found.name,
            "warning",
            "A database nobody uses takes room.",
            "Drop it.",
            server_state.reconcile,
        )
    return Finding(
        "orphan-database",
        found.name,
        "warning",
        "A company's database is in no catalog; nobody gets at it.",
        "Restore its backup with --as, then drop it by hand.",
    )


def database_is_ours(server_state: ServerState, company: Known) -> Generator[Finding, None, bool]:
    """Whether the company's database is there, whole and ours; a finding if it is not."""
    database = server_state.facts.databases.get(company.database)
    if database is None or database.is_broken:
        yield Finding(
            "missing-database",
            company.slug,
            "problem",
            "The company's data is not there; its people are refused.",
            f"crmtenant restore ... --into {company.slug}",
        )
        return False
    if database.owner != server_state.names.owner:
        yield Finding(
            "owner",
            company.slug,
            "problem",
            "The database belongs to somebody else, who may change anything in it.",
            "ALTER DATABASE ... OWNER TO the installation's owner.",
        )
        return False
    return True


def door_findings(server_state: ServerState, company: Known) -> Iterator[Finding]:
    """Whether the company's role may connect to its database while it is served, and nobody else ever."""
    found = server_state.facts.databases[company.database]
    strangers = tuple(name for name in found.allowed_roles if name != company.database)
    if strangers:
        yield Finding(
            "acl",
            company.slug,
            "problem",
            "Others than the company's own role may connect to its database.",
            "Take CONNECT from them.",
            partial(revoke_connect, server_state.server.address, company.database, strangers),
        )
    is_in = found.is_open and company.database in found.allowed_roles
    if is_in == (company.state in SHUT):
        meaning = (
            "A company that is shut is open to its role."
            if is_in
            else "Its people are refused: the door is shut."
        )
        yield Finding(
            "door", company.slug, "problem", meaning, "Do as the catalog says.", server_state.reconcile
        )
    if found.is_limited:
        yield Finding(
            "limit",
            company.slug,
            "problem",
            "The database takes few connections; the company's people are put off, or all of them refused.",
            "Lift the limit of the database; its role has one.",
            partial(remove_connection_limit, server_state.server.address, company.database),
        )


def is_comparable(server_state: ServerState, company: Known) -> bool:
    """Whether the company's schema has to be a new company's, and can be looked at."""
    found = server_state.facts.databases.get(company.database)
    is_ours = found is not None and found.owner == server_state.names.owner
    is_readable = found is not None and found.is_open and not (found.is_broken or found.is_limited)
    return is_ours and is_readable and company.state != "deleting" and company.revision == head("tenant")


def schema_of_new_ones(server_state: ServerState) -> str:
    """The fingerprint of the schema that a new company gets."""
    template = server_state.names.template(head("tenant"))
    with scratch_copy(server_state.server.address, server_state.names, template) as scratch:
        return fingerprint(server_state.server.address, scratch)


def schema_findings(server_state: ServerState, company: Known, model: str) -> Iterator[Finding]:
    """Whether the company's schema is the one of this fingerprint."""
    if fingerprint(server_state.server.address, company.database) != model:
        yield Finding(
            "schema",
            company.slug,
            "problem",
            "The database's schema is not the one of its revision; the next migration may fail.",
            "Compare pg_dump --schema-only with a new company's, and mend it by hand.",
        )
