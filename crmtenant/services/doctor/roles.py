"""The companies' roles: whether they are there, what they may do, and whether their password is the catalog's."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.provisioning import CONNECTION_LIMIT
from crmtenant.db.admin.repairs import harden
from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.doctor.server_state import Known, Scene


def leftover_roles(scene: Scene) -> Iterator[Finding]:
    """Roles of ours that have no database, here or in the catalog."""
    for role in scene.facts.roles.keys() - scene.facts.databases.keys() - scene.databases:
        if scene.names.tenants in scene.facts.roles[role].member_of:
            yield Finding(
                "orphan-role",
                role,
                "warning",
                "A role without a database is left.",
                "Drop it.",
                scene.reconcile,
            )


def role_is_there(scene: Scene, company: Known) -> Generator[Finding, None, bool]:
    """Whether the company has its role; a finding if it has none."""
    if company.database in scene.facts.roles:
        return True
    yield Finding(
        "missing-role",
        company.slug,
        "problem",
        "Its people are refused: the role is gone.",
        "Make it again.",
        partial(_restore, scene, company),
    )
    return False


def role_findings(scene: Scene, company: Known) -> Iterator[Finding]:
    """Whether the company's role may do what it has to, nothing beyond that, and as everybody's does."""
    role = scene.facts.roles[company.database]
    wanted = {scene.names.rw, scene.names.tenants}
    strangers = tuple(group for group in role.member_of if group not in wanted)
    if not role.is_plain or strangers:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The company's role may do more, or less, than work in its own database.",
            "Take the rights from it.",
            partial(_harden, scene, company, strangers),
        )
    elif not wanted <= set(role.member_of) or role.connection_limit != CONNECTION_LIMIT:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The role lacks a membership or its limit of connections.",
            "Make it as it was.",
            partial(_restore, scene, company),
        )
    if role.has_settings:
        yield Finding(
            "role-settings",
            company.slug,
            "warning",
            "The role has settings of its own, which change how its queries run.",
            "Reset them.",
            partial(_restore, scene, company),
        )


def password_findings(scene: Scene, company: Known) -> Iterator[Finding]:
    """Whether the role of a company that is served logs in with the password of the catalog's version."""
    # pg_hba.conf may refuse whoever is not in the group, whatever the password.
    is_listed = scene.names.tenants in scene.facts.roles[company.database].member_of
    role_password_rotation, found = scene.operations.role_password_rotation, scene.company(company)
    if company.state == "active" and is_listed and not role_password_rotation.is_valid(found):
        yield Finding(
            "password",
            company.slug,
            "problem",
            "Its people are refused: the role's password is not the one of the catalog.",
            "Give the role its password again.",
            partial(role_password_rotation.heal_one, found),
        )


def _restore(scene: Scene, company: Known) -> None:
    scene.host.provisioner.restore_role(company.database, company.password_version)


def _harden(scene: Scene, company: Known, strangers: tuple[str, ...]) -> None:
    harden(scene.host.address, company.database, strangers)
    _restore(scene, company)
