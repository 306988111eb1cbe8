"""Reminders: every morning, people get a mail that lists their due tasks.

A company's mails, and the record that it got them today, are one transaction of the catalog: after a crash nobody is
reminded twice or left out. They are written at seven in the morning in the company's time zone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import ARRAY, Text, any_, bindparam, false, or_, select

from crmtenant.clock import now, zone_named
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import sentence
from crmtenant.models.catalog.tables import Login, Membership, Server, Tenant
from crmtenant.services.crm.due_tasks import DueTask, DueTasks, due_tasks
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.mail import templates
from crmtenant.services.mail.templates import DueLine, MailMessage

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.mail.outbox import MailOutbox

HOUR = 7
#: A company whose tasks could not be read is tried again after this time.
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)

_may_be_reminded = (
    Tenant.state == "active",
    Tenant.is_neutral == false(),
    Tenant.schema_revision == any_(bindparam("revisions", type_=ARRAY(Text))),
)
_ZONES = select(Tenant.time_zone).where(*_may_be_reminded).distinct()
_is_due = (
    *_may_be_reminded,
    or_(Tenant.reminded_on.is_(None), Tenant.reminded_on < bindparam("day")),
)
_IN_ZONE = select(Tenant.id).where(*_is_due, Tenant.time_zone.is_not_distinct_from(bindparam("zone")))
# Memberships may change in the meantime: only another reminder or change of the company has to wait.
_COMPANY = (
    select(Tenant, Server.host, Server.port)
    .join(Server, Server.id == Tenant.server_id)
    .where(*_is_due, Tenant.id == bindparam("tenant_id"))
    .with_for_update(of=Tenant, key_share=True, skip_locked=True)
)
_PEOPLE = (
    select(Login)
    .join(Membership)
    .where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.state == "active",
        Login.is_active,
        Login.wants_reminders,
    )
    .order_by(Login.id)
)


@dataclass(frozen=True, slots=True)
class _DatabaseLocation:
    """Where a company's database is."""

    database: str
    password_version: int
    epoch: int
    host: str | None
    port: int | None


class _DatabaseUnreadable(Exception):
    """A company's database could not be read; the message says why."""


class Reminders:
    """Writes the reminders of every company where it is morning; any number of processes may do it at once."""

    def __init__(
        self, catalog: Catalog, addresses: Addresses, outbox: MailOutbox, clock: Callable[[], datetime] = now
    ) -> None:
        self._catalog = catalog
        self._addresses = addresses
        self._outbox = outbox
        self._clock = clock
        self._backoff = Backoff(RETRY, clock)

    def remind(self) -> int:
        """Write the reminders that are due; return for how many companies.

        A company whose database cannot be read is tried again after an hour; errors of the catalog are raised.
        """
        return sum(self._remind(tenant_id, day) for tenant_id, day in self._due())

    def _due(self) -> list[tuple[str, date]]:
        """Return the ids of the companies that are due, and the local date of each."""
        moment, revisions = self._clock(), list(served_revisions())
        with self._catalog.reading() as reader:
            zones = [row[0] for row in reader.rows(_ZONES, {"revisions": revisions})]
            here = {zone: moment.astimezone(zone_named(zone)) for zone in zones}
            return [
                (tenant_id, local.date())
                for zone, local in here.items()
                if local.hour >= HOUR
                for (tenant_id,) in reader.rows(
                    _IN_ZONE, {"zone": zone, "day": local.date(), "revisions": revisions}
                )
                if self._backoff.allows(tenant_id)
            ]

    def _remind(self, tenant_id: str, day: date) -> bool:
        try:
            with self._catalog.begin() as session:
                is_written = self._write(session, tenant_id, day)
        except _DatabaseUnreadable as problem:
            log.warning("reminders_failed", tenant_id=tenant_id, reason=str(problem))
            self._backoff.record(tenant_id, succeeded=False)
            return False
        self._backoff.record(tenant_id, succeeded=True)
        return is_written

    def _write(self, session: Session, tenant_id: str, day: date) -> bool:
        """Write the company's mails; return False if another process did, or it is no longer due."""
        values = {"tenant_id": tenant_id, "day": day, "revisions": list(served_revisions())}
        found = session.execute(_COMPANY, values).first()
        if found is None:
            return False
        company, host, port = found
        location = _DatabaseLocation(company.database, company.password_version, company.epoch, host, port)
        tasks = self._tasks(tenant_id, location, day)
        for person in session.scalars(_PEOPLE, {"tenant_id": tenant_id}):
            if person.id in tasks:
                message = self._message(company, person.name, tasks[person.id], day)
                self._outbox.put(session, message, person.email, tenant_id=company.id)
        company.reminded_on = day
        return True

    def _message(self, company: Tenant, name: str, tasks: DueTasks, day: date) -> MailMessage:
        link = partial(self._outbox.company_link, slug=company.slug)
        return templates.reminder(
            company.language,
            name=name,
            company=company.name,
            lines=[DueLine(_titled(task), task.due_on, link(f"/tasks/{task.id}")) for task in tasks.named],
            total=tasks.total,
            day=day,
            all_tasks=link("/tasks"),
            profile=link("/settings/profile"),
        )

    def _tasks(self, tenant_id: str, location: _DatabaseLocation, day: date) -> dict[str, DueTasks]:
        try:
            with self._catalog.broker.reading(self._addresses.of(location, tenant_id)) as reader:
                return due_tasks(reader, day)
        except RECOVERABLE_ERRORS as problem:
            raise _DatabaseUnreadable(sentence(problem)) from problem


def _titled(task: DueTask) -> str:
    return f"{task.title} ({task.project})" if task.project else task.title
