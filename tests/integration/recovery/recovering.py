"""Losing the catalog of an installation on two servers, and recovering it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from crmtenant.ids import new_id
from crmtenant.services.jobs.catalog_recovery import Recovered
from crmtenant.services.jobs.essentials_copies import EssentialsCopies
from tests.integration.installation import Installation, new_company
from tests.integration.two_servers import empty, weigh


@contextmanager
def recoverable(two: Installation) -> Iterator[Installation]:
    """The installation, on whose first server companies are made; without lost catalogs and companies afterwards."""
    weigh(two, second=0)
    yield two
    kept = f"{two.names.catalog}_lost_"
    for (lost,) in two.admin("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", kept):
        two.do("DROP DATABASE {} WITH (FORCE)", lost)
    empty(two)


def lose(installation: Installation) -> None:
    """Drop the catalog."""
    installation.do("DROP DATABASE {} WITH (FORCE)", installation.names.catalog)


def recover(installation: Installation, directory: Path, **options: Any) -> dict[str, Recovered]:
    """Recover the catalog; return what is told, by what it is about (the last word, where there are several)."""
    recovery = installation.recovery(directory)
    recovery.restore(recovery.newest_backup())
    told = {one.about: one for one in recovery.reconcile(**options)}
    recovery.open()
    return told


def copy_essentials(installation: Installation) -> int:
    """Copy into companies' databases what the catalog says of them."""
    return EssentialsCopies(installation.catalog, installation.servers).write_changed()


def join(installation: Installation, tenant_id: str, name: str, role: str = "member") -> str:
    """Somebody with a login of their own joins the company; returns their id."""
    user_id, address = new_id("u"), f"{name}@people.example"
    installation.rows(
        "INSERT INTO login (id, email, email_key, name, password_hash, token_version, is_active, created_at, changed_at)"
        " VALUES (:id, :email, :email, :name, 'secret-hash', 1, true, now(), now()) RETURNING 1",
        id=user_id,
        email=address,
        name=name.title(),
    )
    installation.rows(
        "INSERT INTO user_company_map (login_id, tenant_id, role, state, created_at, changed_at)"
        " VALUES (:id, :tenant, :role, 'active', now(), now()) RETURNING 1",
        id=user_id,
        tenant=tenant_id,
        role=role,
    )
    return user_id


def members(installation: Installation, tenant_id: str) -> dict[str, tuple[str, str]]:
    """Role and state of everybody in the company's map, by address."""
    rows = installation.rows(
        "SELECT email_key, role, state FROM user_company_map JOIN login ON login.id = login_id WHERE tenant_id = :id",
        id=tenant_id,
    )
    return {email: (role, state) for email, role, state in rows}


def found_company(installation: Installation, name: str = "Northwind") -> str:
    """A company with an owner of a known address; its id."""
    address = f"owner@{name.lower()}.example"
    founder = {"email": address, "email_key": address, "password_hash": "secret-hash"}
    return installation.registrar.register(new_company(name, **founder)).tenant_id
