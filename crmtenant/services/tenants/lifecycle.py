"""What becomes of a company after it was founded: suspended, resumed, renamed, deleted, brought back, purged.

The catalog's word comes first and the database follows: its role is let in while the company is `active`, and
is out, with every session it had, in all other states. Whoever is killed in between leaves the rest to the
reconciler. Deleting is a state and a day: until then it can be undone, after it the company is purged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.exc import IntegrityError

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Invalid, NotFound
from crmtenant.models.catalog.tables import Backup, DeletionReceipt, Login, Membership, Tenant
from crmtenant.services.identity.sessions import end_families
from crmtenant.text.slugs import is_slug

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.servers import ManagedServers
    from crmtenant.db.pool.catalog import Catalog

GRACE = timedelta(days=30)

_STATE = select(Tenant.state).where(Tenant.id == bindparam("tenant_id"))
_LAST_PROVEN = (
    select(Backup.manifest_file, Backup.sha256)
    .where(Backup.tenant_id == bindparam("tenant_id"), Backup.proven_at.is_not(None))
    .order_by(Backup.made_at.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is left of a company that is gone for good. The backup is the last one that was proven, if any."""

    tenant_id: str
    slug: str
    name: str
    purged_at: datetime
    purged_by: str
    people_removed: int
    last_backup_file: str | None
    last_backup_sha256: str | None


class Lifecycle:
    """Leads companies from state to state. `on_change` hears the id of each that changed; `save` makes and
    proves the last backup of one that is about to be purged, and raises if it cannot."""

    def __init__(
        self,
        catalog: Catalog,
        servers: ManagedServers,
        *,
        on_change: Callable[[str], None] = lambda _: None,
        save: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._save = save
        self._catalog = catalog
        self._servers = servers
        self._on_change = on_change

    def suspend(self, tenant_id: str) -> None:
        """Nothing comes back; nobody gets at the company, within a second in every process."""
        self._move(tenant_id, "suspended", {"active"}, "suspended")

    def resume(self, tenant_id: str) -> None:
        """Nothing comes back; the company that was suspended is served again."""
        self._move(tenant_id, "active", {"suspended"}, "resumed")

    def delete(self, tenant_id: str, grace: timedelta = GRACE) -> datetime:
        """From when on the company may be purged. Until then it is closed, and can be brought back."""

        def plan(session: Session, company: Tenant) -> None:
            if company.state != "deleting":
                company.delete_after = now() + grace
            end_families(session, now(), tenant_id=tenant_id)

        company = self._move(tenant_id, "deleting", {"active", "suspended"}, "deleted", plan)
        assert company.delete_after is not None
        return company.delete_after

    def undelete(self, tenant_id: str) -> None:
        """Nothing comes back; the company that was to be deleted is served again."""

        def forget_plan(_: Session, company: Tenant) -> None:
            company.delete_after = company.expires_at = None

        self._move(tenant_id, "active", {"deleting"}, "brought back", forget_plan)

    def rename(self, tenant_id: str, *, name: str | None = None, slug: str | None = None) -> None:
        """Nothing comes back; the company is called so. `Conflict` if the slug is another company's,
        `Invalid` if it is none."""
        if slug is not None and not is_slug(slug):
            raise Invalid(
                FieldError(
                    "/slug", "invalid_slug", "A slug is lower-case letters, digits and single hyphens."
                ),
                detail=f"{slug!r} is no slug: lower-case letters, digits and single hyphens, at most 60.",
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
        """What is left of the company: database, role, people of no other company, all rows are gone.

        `Conflict` unless it is being deleted and, if `is_due_only`, its day has come. Can be repeated after
        whatever broke off: `deleted`, from which there is no way back, comes first, the rows go last. A last
        backup comes before all that, if `is_saved`.
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
        if is_saved and company.state == "deleting":
            self._save(tenant_id)
        company = self._move(tenant_id, "deleted", {"deleting"}, "purged", check)
        self._servers.of(company.server_id).provisioner.drop_database(company.database)
        with self._catalog.begin() as session:
            return _bury(session, _locked(session, tenant_id), by)

    def settle(self, tenant_id: str) -> None:
        """Nothing comes back; the company's database lets its role in, or not, as the catalog has it now."""
        company = self._company(tenant_id)
        provisioner = self._servers.of(company.server_id).provisioner
        is_active = self._is_active(tenant_id)
        # Asked again when our turn has come: somebody may have changed their mind meanwhile.
        if is_active:
            provisioner.open_database(company.database, is_wanted=lambda: self._is_active(tenant_id))
        else:
            provisioner.close_database(company.database, is_wanted=lambda: not self._is_active(tenant_id))
            address = provisioner.tenant_address(company.database, company.password_version)
            self._catalog.broker.forget(address)

    def _move(
        self,
        tenant_id: str,
        state: str,
        sources: set[str],
        verb: str,
        also: Callable[[Session, Tenant], None] = lambda *_: None,
    ) -> Tenant:
        """The company, now in this state; it may have been already, so that everything can be repeated."""
        with self._catalog.begin() as session:
            company = _locked(session, tenant_id)
            if company.state not in sources | {state}:
                raise _wrong_state(company, verb)
            also(session, company)
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
            return reader.row(_STATE, {"tenant_id": tenant_id}) == ("active",)


def _wrong_state(company: Tenant, verb: str) -> Conflict:
    return Conflict(f"{company.slug} is {company.state}, so it cannot be {verb}.", code="wrong_company_state")


def _locked(session: Session, tenant_id: str) -> Tenant:
    company = session.get(Tenant, tenant_id, with_for_update={"key_share": True})
    if company is None:
        raise NotFound
    return company


def _bury(session: Session, company: Tenant, by: str) -> Receipt:
    backup = session.execute(_LAST_PROVEN, {"tenant_id": company.id}).one_or_none()
    removed = _remove_people(session, company.id)
    row = DeletionReceipt(
        tenant_id=company.id,
        slug=company.slug,
        name=company.name,
        founded_at=company.created_at,
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
    """How many people went: those who belonged to this company and to no other."""
    members = select(Membership.user_id).where(Membership.tenant_id == tenant_id)
    elsewhere = exists().where(Membership.user_id == Login.id, Membership.tenant_id != tenant_id)
    gone = session.scalars(delete(Login).where(Login.id.in_(members), ~elsewhere).returning(Login.id))
    return len(gone.all())
