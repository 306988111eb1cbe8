"""What one server has, against what the catalog says it should have."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, literal, null, select, union_all

from crmtenant.db.examination import (
    DatabaseFacts,
    RoleFacts,
    ServerFacts,
    examine,
    fingerprint,
    harden,
    lock_out,
    scratch_copy,
)
from crmtenant.db.migrations import head
from crmtenant.db.provisioning import CONNECTION_LIMIT
from crmtenant.models.catalog import SetAside, Spare, Tenant
from crmtenant.services.checks.finding import Finding
from crmtenant.services.reconciling import SHUT, STATE_NOW
from crmtenant.services.rotating import Company

if TYPE_CHECKING:
    from crmtenant.db.hosts import Host
    from crmtenant.services.operations import Operations

SKEW_SECONDS = 5
FULL_SHARE = 0.85

_KNOWN: Any = union_all(
    select(Tenant.database, STATE_NOW, Tenant.slug, Tenant.id, Tenant.password_version, Tenant.schema_revision)
    .where(Tenant.server_id == bindparam("server_id")),
    select(Spare.database, literal("spare"), null(), null(), literal(1), Spare.revision)
    .where(Spare.server_id == bindparam("server_id")),
    select(SetAside.database, SetAside.purpose, null(), null(), null(), null())
    .where(SetAside.server_id == bindparam("server_id")),
)  # fmt: skip


class ServerChecks:
    """Looks at one server; `slug` narrows it to one company."""

    def __init__(self, operations: Operations, host: Host, slug: str | None = None) -> None:
        self._operations = operations
        self._catalog = operations.catalog
        self._host = host
        self._slug = slug

    def findings(self) -> Iterator[Finding]:
        """Everything that is not as it should be."""
        facts = examine(self._host.address)
        # After the server, as the reconciler does: whoever makes a database writes its name here first.
        with self._catalog.reading() as reader:
            rows = reader.rows(_KNOWN, {"server_id": self._host.id})
        known = {row[0]: row for row in rows}
        if self._slug is None:
            yield from self._server(facts)
            yield from self._leftovers(facts, known.keys())
        for database, state, slug, tenant_id, version, _ in rows:
            if state in {"active", "suspended", "deleting"} and self._slug in {None, slug}:
                company = Company(tenant_id, slug, database, self._host.id)
                yield from self._company(facts, company, state, version)
        yield from self._schemas(facts, rows)

    def _server(self, facts: ServerFacts) -> Iterator[Finding]:
        name = self._host.name
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
                f"{facts.connections} of {facts.max_connections} connections are in use; soon people are"
                " refused.",
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

    def _leftovers(self, facts: ServerFacts, known: Container[str]) -> Iterator[Finding]:
        owner = self._operations.hosts.names.owner
        for database, found in facts.databases.items():
            if found.owner != owner or database in known:
                continue
            if found.is_broken:
                yield Finding(
                    "invalid-database",
                    database,
                    "warning",
                    "A drop broke off; it only takes room.",
                    "Drop it.",
                    self._reconcile,
                )
                continue
            if self._host.provisioner.is_unused(database):
                yield Finding(
                    "orphan-database",
                    database,
                    "warning",
                    "A database nobody uses takes room.",
                    "Drop it.",
                    self._reconcile,
                )
            else:
                yield Finding(
                    "orphan-database",
                    database,
                    "warning",
                    "A company's database is in no catalog; nobody gets at it.",
                    "Restore its backup with --as, then drop it by hand.",
                )
        groups = self._operations.hosts.names.tenants
        for role in facts.roles.keys() - facts.databases.keys():
            if role not in known and groups in facts.roles[role].member_of:
                yield Finding(
                    "orphan-role",
                    role,
                    "warning",
                    "A role without a database is left.",
                    "Drop it.",
                    self._reconcile,
                )

    def _reconcile(self) -> None:
        self._operations.reconciler(self._operations.spares(0)).reconcile()

    def _company(self, facts: ServerFacts, company: Company, state: str, version: int) -> Iterator[Finding]:
        database, role = facts.databases.get(company.database), facts.roles.get(company.database)
        if database is None or database.is_broken:
            yield Finding(
                "missing-database",
                company.slug,
                "problem",
                "The company's data is not there; its people are refused.",
                f"crmtenant restore ... --into {company.slug}",
            )
            return
        if database.owner != self._operations.hosts.names.owner:
            yield Finding(
                "owner",
                company.slug,
                "problem",
                "The database belongs to somebody else, who may change anything in it.",
                "ALTER DATABASE ... OWNER TO the installation's owner.",
            )
            return
        again = partial(self._host.provisioner.restore_role, company.database, version)
        if role is None:
            yield Finding(
                "missing-role",
                company.slug,
                "problem",
                "Its people are refused: the role is gone.",
                "Make it again.",
                again,
            )
            return
        yield from self._door(company, database, state)
        yield from self._role(company, role, again)
        # pg_hba.conf may refuse whoever is not in the group, whatever the password.
        is_listed = self._operations.hosts.names.tenants in role.member_of
        if state == "active" and is_listed and not self._operations.rotating.is_valid(company):
            yield Finding(
                "password",
                company.slug,
                "problem",
                "Its people are refused: the role's password is not the one of the catalog.",
                "Give the role its password again.",
                partial(self._operations.rotating.heal_one, company),
            )

    def _door(self, company: Company, found: DatabaseFacts, state: str) -> Iterator[Finding]:
        strangers = tuple(name for name in found.doors if name != company.database)
        if strangers:
            yield Finding(
                "acl",
                company.slug,
                "problem",
                "Others than the company's own role may connect to its database.",
                "Take CONNECT from them.",
                partial(lock_out, self._host.address, company.database, strangers),
            )
        is_in = found.is_open and company.database in found.doors
        if is_in == (state in SHUT):
            meaning = (
                "A company that is shut is open to its role."
                if is_in
                else "Its people are refused: the door is shut."
            )
            yield Finding(
                "door", company.slug, "problem", meaning, "Do as the catalog says.", self._reconcile
            )

    def _role(self, company: Company, role: RoleFacts, again: Callable[[], None]) -> Iterator[Finding]:
        names = self._operations.hosts.names
        wanted = {names.rw, names.tenants}
        strangers = tuple(group for group in role.member_of if group not in wanted)
        if not role.is_plain or strangers:

            def repair() -> None:
                harden(self._host.address, role.name, strangers)
                again()

            yield Finding(
                "role-rights",
                company.slug,
                "problem",
                "The company's role may do more, or less, than work in its own database.",
                "Take the rights from it.",
                repair,
            )
        elif not wanted <= set(role.member_of) or role.connection_limit != CONNECTION_LIMIT:
            yield Finding(
                "role-rights",
                company.slug,
                "problem",
                "The role lacks a membership or its limit of connections.",
                "Make it as it was.",
                again,
            )
        if role.has_settings:
            yield Finding(
                "role-settings",
                company.slug,
                "warning",
                "The role has settings of its own, which change how its queries run.",
                "Reset them.",
                again,
            )

    def _schemas(self, facts: ServerFacts, rows: list[tuple[object, ...]]) -> Iterator[Finding]:
        names, revision = self._operations.hosts.names, head("tenant")
        mine = [
            (str(row[0]), str(row[2]))
            for row in rows
            if row[1] in {"active", "suspended"}
            and row[5] == revision
            and self._slug in {None, row[2]}
            and row[0] in facts.databases
            and facts.databases[str(row[0])].owner == names.owner
            and not facts.databases[str(row[0])].is_broken
        ]
        if not mine:
            return
        with scratch_copy(self._host.address, names, names.template(revision)) as scratch:
            model = fingerprint(self._host.address, scratch)
        for database, slug in mine:
            if fingerprint(self._host.address, database) != model:
                yield Finding(
                    "schema",
                    slug,
                    "problem",
                    "The database's schema is not the one of its revision; the next migration may fail.",
                    "Compare pg_dump --schema-only with a new company's, and mend it by hand.",
                )
