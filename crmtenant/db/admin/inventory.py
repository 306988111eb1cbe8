"""The databases and roles of an installation on a server, whatever the catalog says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
_SIZES_OF = f"{_SIZES} AND datname = ANY(%s)"
_MAY_LIST_WAL = "SELECT has_function_privilege('pg_ls_waldir()', 'EXECUTE')"
_WAL_SIZE = "SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()"
_MOST_WAL = "SELECT setting::bigint << 20 FROM pg_settings WHERE name = 'max_wal_size'"


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


def sizes_of(admin: Administration, names: RoleNames, databases: Sequence[str]) -> dict[str, int]:
    """Return the size in bytes of those of these databases that are here."""
    return dict(admin.rows(_SIZES_OF, names.owner, list(databases))) if databases else {}


def wal_size(admin: Administration) -> int:
    """Return how many bytes the WAL takes, or may take where only a member of pg_monitor may see that."""
    ((may_list,),) = admin.rows(_MAY_LIST_WAL)
    ((size,),) = admin.rows(_WAL_SIZE if may_list else _MOST_WAL)
    return int(size)
