"""Checks of the companies' roles: existence, rights, settings and passwords."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.provisioning import CONNECTION_LIMIT
from crmtenant.db.admin.repairs import harden
from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.doctor.server_state import KnownDatabase, ServerState


def leftover_roles(server_state: ServerState) -> Iterator[Finding]:
    """Find roles of ours that have no database, here or in the catalog."""
    for role in (
        server_state.facts.roles.keys() - server_state.facts.databases.keys() - server_state.databases
    ):
        if server_state.names.tenants in server_state.facts.roles[role].member_of:
            yield Finding(
                "orphan-role",
                role,
                "warning",
                "A role has no database.",
                "Drop it.",
                server_state.reconcile,
            )


def role_exists(server_state: ServerState, company: KnownDatabase) -> Generator[Finding, None, bool]:
    """Check that the company's role exists; return whether it does."""
    if company.database in server_state.facts.roles:
        return True
    yield Finding(
        "missing-role",
        company.slug,
        "problem",
        "Its users are refused: the role does not exist.",
        "Create it again.",
        partial(_restore, server_state, company),
    )
    return False


def role_findings(server_state: ServerState, company: KnownDatabase) -> Iterator[Finding]:
    """Check that the company's role has the rights, memberships, limit and settings of every company's role."""
    role = server_state.facts.roles[company.database]
    wanted = {server_state.names.rw, server_state.names.tenants}
    other_groups = tuple(group for group in role.member_of if group not in wanted)
    if not role.is_plain or other_groups:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The company's role has more or fewer rights than it needs for its own database.",
            "Set its rights.",
            partial(_harden, server_state, company, other_groups),
        )
    elif not wanted <= set(role.member_of) or role.connection_limit != CONNECTION_LIMIT:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The role lacks a membership or its connection limit.",
            "Set them again.",
            partial(_restore, server_state, company),
        )
    if role.has_settings:
        yield Finding(
            "role-settings",
            company.slug,
            "warning",
            "The role has its own settings, which change how its queries run.",
            "Reset them.",
            partial(_restore, server_state, company),
        )


def password_findings(server_state: ServerState, company: KnownDatabase) -> Iterator[Finding]:
    """Check that the role of a company that is served logs in with the password of the catalog's version."""
    # pg_hba.conf may refuse roles outside the group, whatever their password.
    is_listed = server_state.names.tenants in server_state.facts.roles[company.database].member_of
    rotation, role = server_state.operations.role_password_rotation, server_state.company_role(company)
    if company.state == "active" and is_listed and not rotation.is_valid(role):
        yield Finding(
            "password",
            company.slug,
            "problem",
            "Its users are refused: the role's password is not the one of the catalog's version.",
            "Set the role's password again.",
            partial(rotation.heal_one, role),
        )


def _restore(server_state: ServerState, company: KnownDatabase) -> None:
    server_state.server.provisioner.restore_role(company.database, company.password_version)


def _harden(server_state: ServerState, company: KnownDatabase, other_groups: tuple[str, ...]) -> None:
    harden(server_state.server.address, company.database, other_groups)
    _restore(server_state, company)
