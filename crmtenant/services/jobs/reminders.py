"""Reminders: every morning, people get a mail that lists their due tasks, and what else they were told and not mailed.

A company's mails, and the record that it got them today, are one transaction of the catalog: after a crash nobody is
reminded twice or left out. They are written at seven in the morning in the company's time zone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, or_, select

from crmtenant.clock import now, zone_named
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import sentence
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.services.crm.due_notifications import tell_due, unwanted_by
from crmtenant.services.crm.due_tasks import DueTask, DueTasks, due_tasks
from crmtenant.services.fleet.company_locations import TENANTS, CompanyLocation, located
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.jobs.news import MAY_BE_MAILED, names_in, news_of
from crmtenant.services.mail import templates
from crmtenant.services.mail.templates import DueLine, MailMessage, NewsLine
from crmtenant.services.overview.notification_settings import DIGEST, NEVER, SOON
from crmtenant.services.overview.unmailed import Unmailed, mark_mailed, of_people, unmailed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.entities.registry import EntityRegistry
    from crmtenant.services.mail.outbox import MailOutbox

HOUR = 7
#: A company whose tasks could not be read is tried again after this time.
RETRY = timedelta(hours=1)

log = structlog.get_logger(__name__)

_ZONES = select(Tenant.time_zone).where(*MAY_BE_MAILED).distinct()
_is_due = (
    *MAY_BE_MAILED,
    or_(Tenant.reminded_on.is_(None), Tenant.reminded_on < bindparam("day")),
)
_IN_ZONE = select(Tenant.id).where(*_is_due, Tenant.time_zone.is_not_distinct_from(bindparam("zone")))
# Memberships may change in the meantime: only another reminder or change of the company has to wait.
_COMPANY = TENANTS.where(*_is_due, Tenant.id == bindparam("tenant_id")).with_for_update(
    of=Tenant, key_share=True, skip_locked=True
)
_PEOPLE = (
    select(Login)
    .join(Membership)
    .where(
        Membership.tenant_id == bindparam("tenant_id"),
        Membership.state == "active",
        Login.is_active,
    )
    .order_by(Login.id)
)


@dataclass(frozen=True, slots=True)
class _Morning:
    """What a company's people hear this morning, by the person's id."""

    tasks: Mapping[str, DueTasks]
    news: Mapping[str, list[Unmailed]]


class _DatabaseUnreadable(Exception):
    """A company's database could not be read; the message says why."""


class Reminders:
    """Writes the reminders of every company where it is morning; any number of processes may do it at once."""

    def __init__(
        self,
        catalog: Catalog,
        addresses: Addresses,
        outbox: MailOutbox,
        entities: EntityRegistry,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._catalog = catalog
        self._addresses = addresses
        self._outbox = outbox
        self._entities = entities
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
        company, location = located(found)
        people = list(session.scalars(_PEOPLE, {"tenant_id": tenant_id}))
        morning = self._morning(location, day, people)
        names = names_in(session, [one for told in morning.news.values() for one in told])
        link = partial(self._outbox.company_link, slug=company.slug)
        for person in people:
            news = news_of(morning.news.get(person.id, []), names, link)
            if person.id in morning.tasks or news:
                message = self._message(company, person.name, morning.tasks.get(person.id), news, day)
                self._outbox.put(session, message, person.email, tenant_id=company.id)
        company.reminded_on = day
        return True

    def _message(
        self, company: Tenant, name: str, tasks: DueTasks | None, news: list[NewsLine], day: date
    ) -> MailMessage:
        link = partial(self._outbox.company_link, slug=company.slug)
        profile = link("/settings/profile")
        if tasks is None:
            return templates.told(
                company.language, name=name, company=company.name, news=news, profile=profile
            )
        return templates.reminder(
            company.language,
            name=name,
            company=company.name,
            lines=[DueLine(_titled(task), task.due_on, link(f"/tasks/{task.id}")) for task in tasks.named],
            total=tasks.total,
            day=day,
            all_tasks=link("/tasks"),
            profile=profile,
            news=news,
        )

    def _morning(self, location: CompanyLocation, day: date, people: Sequence[Login]) -> _Morning:
        """Tell people in their inboxes what is due, and return what they hear by mail."""
        ids, moment = [person.id for person in people], self._clock()
        address = self._addresses.of(location, location.id)
        try:
            with self._catalog.broker.reading(address) as reader:
                tasks = due_tasks(reader, day)
            with self._catalog.broker.begin(address) as own:
                tell_due(own, ids, tasks, day, moment)
                waiting = [one for one in unmailed(own, self._entities, moment) if one.mail != NEVER]
                mark_mailed(own, waiting, moment)
                unwanted = unwanted_by(own)
        except RECOVERABLE_ERRORS as problem:
            raise _DatabaseUnreadable(sentence(problem)) from problem
        wanting = {person.id for person in people if person.wants_reminders} - unwanted
        news: dict[str, list[Unmailed]] = {}
        for mail in (SOON, DIGEST):
            for person_id, told in of_people(waiting, ids, mail).items():
                news.setdefault(person_id, []).extend(told)
        return _Morning({person: tasks[person] for person in wanting if person in tasks}, news)


def _titled(task: DueTask) -> str:
    return f"{task.title} ({task.project})" if task.project else task.title
