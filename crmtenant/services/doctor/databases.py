"""The companies' databases: whether they are there and ours, who gets in, and what their schema is."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.inspection import fingerprint
from crmtenant.db.admin.repairs import lift_limit, lock_out
from crmtenant.db.admin.scratch import scratch_copy
from crmtenant.db.schema.migrations import head
from crmtenant.services.doctor.finding import Finding
from crmtenant.services.jobs.reconciler import SHUT

if TYPE_CHECKING:
    from crmtenant.db.admin.inspection import DatabaseFacts
    from crmtenant.services.doctor.server_state import Known, Scene


def leftover_databases(scene: Scene) -> Iterator[Finding]:
    """Databases of ours that the catalog does not know."""
    known = scene.databases
    for database, found in scene.facts.databases.items():
        if found.owner == scene.names.owner and database not in known:
            yield _leftover(scene, found)


def _leftover(scene: Scene, found: DatabaseFacts) -> Finding:
    if found.is_broken:
        return Finding(
            "invalid-database",
            found.name,
            "warning",
            "A drop broke off; it only takes room.",
            "Drop it.",
            scene.reconcile,
        )
    if scene.host.provisioner.is_unused(found.name):
        return Finding(
            "orphan-database",
            found.name,
            "warning",
            "A database nobody uses takes room.",
            "Drop it.",
            scene.reconcile,
        )
    return Finding(
        "orphan-database",
        found.name,
        "warning",
        "A company's database is in no catalog; nobody gets at it.",
        "Restore its backup with --as, then drop it by hand.",
    )


def database_is_ours(scene: Scene, company: Known) -> Generator[Finding, None, bool]:
    """Whether the company's database is there, whole and ours; a finding if it is not."""
    database = scene.facts.databases.get(company.database)
    if database is None or database.is_broken:
        yield Finding(
            "missing-database",
            company.slug,
            "problem",
            "The company's data is not there; its people are refused.",
            f"crmtenant restore ... --into {company.slug}",
        )
        return False
    if database.owner != scene.names.owner:
        yield Finding(
            "owner",
            company.slug,
            "problem",
            "The database belongs to somebody else, who may change anything in it.",
            "ALTER DATABASE ... OWNER TO the installation's owner.",
        )
        return False
    return True


def door_findings(scene: Scene, company: Known) -> Iterator[Finding]:
    """Whether the company's role may connect to its database while it is served, and nobody else ever."""
    found = scene.facts.databases[company.database]
    strangers = tuple(name for name in found.doors if name != company.database)
    if strangers:
        yield Finding(
            "acl",
            company.slug,
            "problem",
            "Others than the company's own role may connect to its database.",
            "Take CONNECT from them.",
            partial(lock_out, scene.host.address, company.database, strangers),
        )
    is_in = found.is_open and company.database in found.doors
    if is_in == (company.state in SHUT):
        meaning = (
            "A company that is shut is open to its role."
            if is_in
            else "Its people are refused: the door is shut."
        )
        yield Finding("door", company.slug, "problem", meaning, "Do as the catalog says.", scene.reconcile)
    if found.is_limited:
        yield Finding(
            "limit",
            company.slug,
            "problem",
            "The database takes few connections; the company's people are put off, or all of them refused.",
            "Lift the limit of the database; its role has one.",
            partial(lift_limit, scene.host.address, company.database),
        )


def is_comparable(scene: Scene, company: Known) -> bool:
    """Whether the company's schema has to be a new company's, and can be looked at."""
    found = scene.facts.databases.get(company.database)
    is_ours = found is not None and found.owner == scene.names.owner
    is_readable = found is not None and found.is_open and not (found.is_broken or found.is_limited)
    return is_ours and is_readable and company.state != "deleting" and company.revision == head("tenant")


def schema_of_new_ones(scene: Scene) -> str:
    """The fingerprint of the schema that a new company gets."""
    template = scene.names.template(head("tenant"))
    with scratch_copy(scene.host.address, scene.names, template) as scratch:
        return fingerprint(scene.host.address, scratch)


def schema_findings(scene: Scene, company: Known, model: str) -> Iterator[Finding]:
    """Whether the company's schema is the one of this fingerprint."""
    if fingerprint(scene.host.address, company.database) != model:
        yield Finding(
            "schema",
            company.slug,
            "problem",
            "The database's schema is not the one of its revision; the next migration may fail.",
            "Compare pg_dump --schema-only with a new company's, and mend it by hand.",
        )
