"""The databases and roles of an installation on a server, whatever the catalog says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmtenant.db.pool.label import Label, read_label

if TYPE_CHECKING:
    from crmtenant.db.admin.connection import Administration
    from crmtenant.db.secrets.role_names import RoleNames

_TENANT = re.compile(r"t_[a-z2-7]{26}")

_DATABASES = """
    SELECT datname, datconnlimit = -2,
           datallowconn AND has_database_privilege(to_regrole(quote_ident(datname))::oid, oid, 'CONNECT'),
           shobj_description(oid, 'pg_database')
    FROM pg_database WHERE datdba = %s::regrole
"""
_ROLES = "SELECT member::regrole::text FROM pg_auth_members WHERE roleid = %s::regrole"
_SIZES = "SELECT datname, pg_database_size(oid) FROM pg_database WHERE datdba = %s::regrole"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The companies' databases and roles. Broken: a drop was interrupted. Open: its own role may connect.

    Databases without a label are not in `labels`.
    """

    databases: frozenset[str]
    broken: frozenset[str]
    open: frozenset[str]
    roles: frozenset[str]
    labels: Mapping[str, Label]


def is_companys(name: str) -> bool:
    """Return whether this is the name of a company's database or role, by its form."""
    return _TENANT.fullmatch(name) is not None


def unfinished_copy(database: str) -> str:
    """Return the name that a copy of a company's database has until it is labelled; nobody takes it for a company."""
    return f"copying_{database.removeprefix('t_')}"


def take_inventory(admin: Administration, names: RoleNames) -> Inventory:
    """Return what this installation has on the server."""
    found = [row for row in admin.rows(_DATABASES, names.owner) if is_companys(row[0])]
    roles = admin.rows(_ROLES, names.tenants)
    labels = {name: read_label(comment) for name, _, _, comment in found}
    return Inventory(
        databases=frozenset(name for name, *_ in found),
        broken=frozenset(name for name, is_broken, *_ in found if is_broken),
        open=frozenset(name for name, _, is_open, _ in found if is_open),
        roles=frozenset(name for (name,) in roles if is_companys(name)),
        labels={name: label for name, label in labels.items() if label is not None},
    )


def database_sizes(admin: Administration, names: RoleNames) -> dict[str, int]:
    """Return the size in bytes of each company's database."""
    return {name: size for name, size in admin.rows(_SIZES, names.owner) if is_companys(name)}
