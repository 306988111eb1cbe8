"""The companies' roles: whether they are there, what they may do, and whether their password is the catalog's."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import partial
from typing import TYPE_CHECKING

from crmtenant.db.admin.provisioning import CONNECTION_LIMIT
from crmtenant.db.admin.repairs import harden
from crmtenant.services.doctor.finding import Finding

if TYPE_CHECKING:
    from crmtenant.services.doctor.server_state import Known, ServerState


def leftover_roles(server_state: ServerState) -> Iterator[Finding]:
    """Roles of ours that have no database, here or in the catalog."""
    for role in (
        server_state.facts.roles.keys() - server_state.facts.databases.keys() - server_state.databases
    ):
        if server_state.names.tenants in server_state.facts.roles[role].member_of:
            yield Finding(
                "orphan-role",
                role,
                "warning",
                "A role without a database is left.",
                "Drop it.",
                server_state.reconcile,
            )


def role_is_there(server_state: ServerState, company: Known) -> Generator[Finding, None, bool]:
    """Whether the company has its role; a finding if it has none."""
    if company.database in server_state.facts.roles:
        return True
    yield Finding(
        "missing-role",
        company.slug,
        "problem",
        "Its people are refused: the role is gone.",
        "Make it again.",
        partial(_restore, server_state, company),
    )
    return False


def role_findings(server_state: ServerState, company: Known) -> Iterator[Finding]:
    """Whether the company's role may do what it has to, nothing beyond that, and as everybody's does."""
    role = server_state.facts.roles[company.database]
    wanted = {server_state.names.rw, server_state.names.tenants}
    strangers = tuple(group for group in role.member_of if group not in wanted)
    if not role.is_plain or strangers:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The company's role may do more, or less, than work in its own database.",
            "Take the rights from it.",
            partial(_harden, server_state, company, strangers),
        )
    elif not wanted <= set(role.member_of) or role.connection_limit != CONNECTION_LIMIT:
        yield Finding(
            "role-rights",
            company.slug,
            "problem",
            "The role lacks a membership or its limit of connections.",
            "Make it as it was.",
            partial(_restore, server_state, company),
        )
    if role.has_settings:
        yield Finding(
            "role-settings",
            company.slug,
            "warning",
            "The role has settings of its own, which change how its queries run.",
            "Reset them.",
            partial(_restore, server_state, company),
        )


def password_findings(server_state: ServerState, company: Known) -> Iterator[Finding]:
    """Whether the role of a company that is served logs in with the password of the catalog's version."""
    # pg_hba.conf may refuse whoever is not in the group, whatever the password.
    is_listed = server_state.names.tenants in server_state.facts.roles[company.database].member_of
    role_password_rotation, found = (
        server_state.operations.role_password_rotation,
        server_state.company(company),
    )
    if company.state == "active" and is_listed and not role_password_rotation.is_valid(found):
        yield Finding(
            "password",
            company.slug,
            "problem",
            "Its people are refused: the role's password is not the one of the catalog.",
            "Give the role its password again.",
            partial(role_password_rotation.heal_one, found),
        )


def _restore(server_state: ServerState, company: Known) -> None:
    server_state.server.provisioner.restore_role(company.database, company.password_version)


def _harden(server_state: ServerState, company: Known, strangers: tuple[str, ...]) -> None:
    harden(server_state.server.address, company.database, strangers)
    _restore(server_state, company)
