"""Mails of what people are told and have not read after five minutes, one to a person (ADR 36).

Serving processes call for a company (`NotificationMail.call`); what is to be mailed, and when, its own database says. A
call that is lost costs time only: the mail of the next morning has what was not mailed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, select

from crmtenant.clock import now
from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.db.schema.migrations import served_revisions
from crmtenant.errors import sentence
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.services.changes.telling import forget_people
from crmtenant.services.fleet.company_locations import TENANTS, located
from crmtenant.services.jobs.news import MAY_BE_MAILED, names_in, news_of
from crmtenant.services.mail import templates
from crmtenant.services.overview.notification_settings import SOON
from crmtenant.services.overview.unmailed import mark_mailed, of_people, unmailed

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.addresses import Addresses
    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.entities.registry import EntityRegistry
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.services.overview.unmailed import Unmailed

WAIT = timedelta(minutes=5)
"""For so long somebody may read it before there is a mail."""
APART = timedelta(minutes=2)
"""A company is looked at no more often, so that what follows one upon the other is one mail."""
RETRY = timedelta(minutes=10)

log = structlog.get_logger(__name__)

_COMPANY = TENANTS.where(*MAY_BE_MAILED, Tenant.id == bindparam("tenant_id")).with_for_update(
    of=Tenant, key_share=True
)
_MEMBERS = (
    select(Login.id, Login.name, Login.email, Login.is_active)
    .join(Membership)
    .where(Membership.tenant_id == bindparam("tenant_id"), Membership.state == "active")
)


class NotificationMail:
    """Sends the mails of companies that were called for; any number of processes may do it at once."""

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
        self._lock = threading.Lock()
        self._due: dict[str, datetime] = {}

    def call(self, tenant_id: str) -> None:
        """Look at this company in the next run; "" says that calls may be lost, which the morning makes good."""
        if tenant_id:
            with self._lock:
                self._due.setdefault(tenant_id, self._clock())

    def send_due(self) -> int:
        """Look at the companies whose time has come and return how many mails were written."""
        with self._lock:
            moment = self._clock()
            due = [tenant_id for tenant_id, at in self._due.items() if at <= moment]
            for tenant_id in due:
                del self._due[tenant_id]
        return sum(map(self._look_at, due))

    def _look_at(self, tenant_id: str) -> int:
        try:
            with self._catalog.begin() as session:
                written, again = self._write(session, tenant_id)
        except RECOVERABLE_ERRORS as problem:
            log.warning("notification_mail_failed", tenant_id=tenant_id, reason=sentence(problem))
            written, again = 0, self._clock() + RETRY
        if again is not None:
            with self._lock:
                self._due.setdefault(tenant_id, max(again, self._clock() + APART))
        return written

    def _write(self, session: Session, tenant_id: str) -> tuple[int, datetime | None]:
        """Write the mails that are due; return how many, and when the next is."""
        values = {"tenant_id": tenant_id, "revisions": list(served_revisions())}
        found = session.execute(_COMPANY, values).first()
        if found is None:
            return 0, None
        company, location = located(found)
        members = session.execute(_MEMBERS, {"tenant_id": tenant_id}).all()
        moment = self._clock()
        with self._catalog.broker.begin(self._addresses.of(location, tenant_id)) as own:
            forget_people(own, [person.id for person in members])
            waiting = [one for one in unmailed(own, self._entities, moment) if one.mail == SOON]
            due = [one for one in waiting if one.since <= moment - WAIT]
            mark_mailed(own, due, moment)
        people = {person.id: person for person in members if person.is_active}
        written = self._put(session, company, people, due)
        return written, min((one.since + WAIT for one in waiting if one not in due), default=None)

    def _put(self, session: Session, company: Tenant, people: Mapping[str, Any], due: list[Unmailed]) -> int:
        """Write one mail to each of the people."""
        link = partial(self._outbox.company_link, slug=company.slug)
        names = names_in(session, due)
        told = of_people(due, people, SOON)
        for person_id, own in told.items():
            person = people[person_id]
            message = templates.told(
                company.language,
                name=person.name,
                company=company.name,
                news=news_of(own, names, link),
                profile=link("/settings/profile"),
            )
            self._outbox.put(session, message, person.email, tenant_id=company.id)
        return len(told)
