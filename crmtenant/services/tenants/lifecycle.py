"""The lifecycle of a registered company: suspended, resumed, renamed, deleted, restored, purged.

The catalog changes first and the database follows: the company's role may connect while the company is `active`;
in all other states it may not, and its sessions are terminated. If a process is killed in between, the reconciler
does the rest. Deletion is a state and a day: until that day it can be undone, after it the company is purged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.exc import IntegrityError

from crmtenant.clock import now
from crmtenant.db.admin.identity import Contradiction, deleted
from crmtenant.db.pool.label import label_of
from crmtenant.errors import Conflict, FieldError, Invalid, NotFound
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.tables import IS_SOUND, Backup, Login, Membership, Tenant
from crmtenant.services.fleet.labels import require_current
from crmtenant.services.identity.sessions import end_families
from crmtenant.text.slugs import is_slug

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

GRACE = timedelta(days=30)

_ACCESS = select(Tenant.state, Tenant.migrating_until).where(Tenant.id == bindparam("tenant_id"))
_LAST_PROVEN = (
    select(Backup.manifest_file, Backup.sha256)
    .where(Backup.tenant_id == bindparam("tenant_id"), IS_SOUND)
    .order_by(Backup.made_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left of a purged company. The backup is the last one that was proven, if any."""

    tenant_id: str
    slug: str
    name: str
    purged_at: datetime
    purged_by: str
    people_removed: int
    last_backup_file: str | None
    last_backup_sha256: str | None


class Lifecycle:
    """Changes the state of companies. `on_change` is called with the id of each company that changed; `save` makes
    and proves the last backup before a purge, and raises if it cannot; `catch_up` migrates a company that missed
    releases."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        *,
        on_change: Callable[[str], None] = lambda _: None,
        save: Callable[[str], None] = lambda _: None,
        catch_up: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._save = save
        self._catch_up = catch_up
        self._catalog = catalog
        self._servers = servers
        self._on_change = on_change

    def suspend(self, tenant_id: str) -> None:
        """Suspend the company. Every process refuses its members within a second."""
        self._move(tenant_id, "suspended", {"active"}, "suspended")

    def resume(self, tenant_id: str) -> None:
        """Resume a suspended company, at this release's schema."""
        self._catch_up(tenant_id)
        self._move(tenant_id, "active", {"suspended"}, "resumed")

    def delete(self, tenant_id: str, grace: timedelta = GRACE) -> datetime:
        """Close the company and return when it may be purged. Until then it can be undeleted."""

        def set_date(session: Session, company: Tenant) -> None:
            if company.state != "deleting":
                company.delete_after = now() + grace
            end_families(session, now(), tenant_id=tenant_id)

        company = self._move(tenant_id, "deleting", {"active", "suspended"}, "deleted", set_date)
        assert company.delete_after is not None
        return company.delete_after

    def undelete(self, tenant_id: str) -> None:
        """Cancel the deletion and serve the company again, at this release's schema."""

        def clear_dates(_: Session, company: Tenant) -> None:
            company.delete_after = company.expires_at = None

        self._catch_up(tenant_id)
        self._move(tenant_id, "active", {"deleting"}, "brought back", clear_dates)

    def rename(self, tenant_id: str, *, name: str | None = None, slug: str | None = None) -> None:
        """Change the company's name, slug or both.

        Raises: `Conflict` (slug_taken), `Invalid` (invalid_slug), `NotFound`.
        """
        if slug is not None and not is_slug(slug):
            raise Invalid(
                FieldError(
                    "/slug", "invalid_slug", "A slug is lower-case letters, digits and single hyphens."
                ),
                detail=f"{slug[:60]!r} is no slug: lower-case letters, digits and single hyphens, at most 60.",
            )
        try:
            with self._catalog.begin() as session:
                company = _locked(session, tenant_id)
                company.name, company.slug = name or company.name, slug or company.slug
                session.flush()
        except IntegrityError:
            raise Conflict(f"Another company is called {slug}.", code="slug_taken") from None
        self._on_change(tenant_id)

    def purge(self, tenant_id: str, *, by: str, is_due_only: bool = True, is_saved: bool = True) -> Receipt:
        """Delete the company's database, role, rows, and the people who belong to no other company.

        A last backup is made first if `is_saved`. An interrupted purge can be repeated: the state `deleted`, from
        which there is no way back, is set first, the rows are deleted last.

        Raises: `Conflict` unless the company is being deleted and, if `is_due_only`, its day has come.
        """

        def check(_: Session | None, company: Tenant) -> None:
            is_early = company.delete_after is not None and company.delete_after > now()
            if company.state not in {"deleting", "deleted"}:
                raise _wrong_state(company, "purged")
            if company.state == "deleting" and is_due_only and is_early:
                raise Conflict(
                    f"{company.slug} can be brought back until {company.delete_after:%Y-%m-%d %H:%M} UTC."
                )

        company = self._company(tenant_id)
        check(None, company)
        if company.state == "deleting":
            self.require_current(tenant_id)
            self.settle(tenant_id)  # whoever deleted it may have been killed before the database said so
        provisioner = self._servers.of(company.server_id).provisioner
        provisioner.check_identity(company.database, deleted(company.id, company.epoch))
        if is_saved and company.state == "deleting":
            self._save(tenant_id)
        company = self._move(tenant_id, "deleted", {"deleting"}, "purged", check)
        provisioner.drop_database(company.database, deleted(company.id, company.epoch))
        with self._catalog.begin() as session:
            return _delete_rows(session, _locked(session, tenant_id), by)

    def settle(self, tenant_id: str) -> None:
        """Make the database say, and accept or refuse the company's role, as the catalog says.

        While the company is moved or migrated, its database is opened by nobody else.
        """
        self._on_change(tenant_id)  # where its database is may be another place than before
        company = self._company(tenant_id)
        provisioner = self._servers.of(company.server_id).provisioner
        provisioner.label_database(company.database, label_of(company.id, company.epoch, company.state))
        is_active = self._is_active(tenant_id)
        # Checked again under the lock: the state may have changed while we waited.
        if is_active:
            provisioner.open_database(company.database, is_wanted=lambda: self._is_served(tenant_id))
        else:
            provisioner.close_database(company.database, is_wanted=lambda: not self._is_active(tenant_id))
            address = provisioner.tenant_address(company.database, company.password_version)
            self._catalog.broker.forget(address)

    def require_current(self, tenant_id: str) -> None:
        """Raise `Contradiction` if the catalog is older than the company's database."""
        company = self._company(tenant_id)
        try:
            require_current(self._servers.of(company.server_id), company)
        except Contradiction:
            # It may have been moved or restored since we read it.
            if self._company(tenant_id).epoch == company.epoch:
                raise

    def _move(
        self,
        tenant_id: str,
        state: str,
        sources: set[str],
        verb: str,
        update: Callable[[Session, Tenant], None] = lambda *_: None,
    ) -> Tenant:
        """Set the state and return the company. It may have the state already, so that everything can be repeated.

        Raises `Contradiction` if the catalog is older than the company's database.
        """
        self.require_current(tenant_id)
        with self._catalog.begin() as session:
            company = _locked(session, tenant_id)
            if company.state not in sources | {state}:
                raise _wrong_state(company, verb)
            update(session, company)
            company.epoch += company.state != state
            company.state = state
        self._on_change(tenant_id)
        if state != "deleted":
            self.settle(tenant_id)
        return company

    def _company(self, tenant_id: str) -> Tenant:
        with self._catalog.begin() as session:
            company = session.get(Tenant, tenant_id)
            if company is None:
                raise NotFound
            return company

    def _is_active(self, tenant_id: str) -> bool:
        with self._catalog.reading() as reader:
            row = reader.row(_ACCESS, {"tenant_id": tenant_id})
        return row is not None and row[0] == "active"

    def _is_served(self, tenant_id: str) -> bool:
        with self._catalog.reading() as reader:
            return reader.row(_ACCESS, {"tenant_id": tenant_id}) == ("active", None)


def _wrong_state(company: Tenant, verb: str) -> Conflict:
    return Conflict(f"{company.slug} is {company.state}, so it cannot be {verb}.", code="wrong_company_state")


def _locked(session: Session, tenant_id: str) -> Tenant:
    company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if company is None:
        raise NotFound
    return company


def _delete_rows(session: Session, company: Tenant, by: str) -> Receipt:
    backup = session.execute(_LAST_PROVEN, {"tenant_id": company.id}).one_or_none()
    removed = _remove_people(session, company.id)
    row = DeletionReceipt(
        tenant_id=company.id,
        slug=company.slug,
        name=company.name,
        company_created_at=company.created_at,
        purged_at=now(),
        purged_by=by,
        people_removed=removed,
        last_backup_file=backup.manifest_file if backup else None,
        last_backup_sha256=backup.sha256 if backup else None,
    )
    session.add(row)
    session.execute(delete(Tenant).where(Tenant.id == company.id))
    return Receipt(
        row.tenant_id,
        row.slug,
        row.name,
        row.purged_at,
        by,
        removed,
        row.last_backup_file,
        row.last_backup_sha256,
    )


def _remove_people(session: Session, tenant_id: str) -> int:
    """Delete the people who belong to no other company and return how many."""
    members = select(Membership.user_id).where(Membership.tenant_id == tenant_id)
    elsewhere = exists().where(Membership.user_id == Login.id, Membership.tenant_id != tenant_id)
    gone = session.scalars(delete(Login).where(Login.id.in_(members), ~elsewhere).returning(Login.id))
    return len(gone.all())
