"""Mails: written into the catalog with whatever gives the reason for them, and sent by a worker afterwards.

So a mail is sent if, and only if, what it is about was committed. Whoever dies between sending a mail and noting
it sends it again: some mails come twice, none is lost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

import structlog
from sqlalchemy import bindparam, delete, exists, or_, select

from crmtenant.db.pool.notify import MAIL, publish
from crmtenant.errors import sentence
from crmtenant.models.base import now
from crmtenant.models.catalog.tables import Mail, Tenant
from crmtenant.services.mail import templates

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.models.catalog.tables import Login
    from crmtenant.services.crm.due_tasks import DueTasks
    from crmtenant.services.identity.invitations import Invited
    from crmtenant.services.mail.templates import MailMessage

BATCH = 20
MOST_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
KEPT = timedelta(days=30)

log = structlog.get_logger(__name__)

_IS_SILENT = exists().where(Tenant.id == Mail.tenant_id, or_(Tenant.is_neutral, Tenant.state != "active"))
_DUE = (
    select(Mail)
    .where(
        Mail.sent_at.is_(None),
        Mail.due_at <= bindparam("now"),
        Mail.attempts < MOST_ATTEMPTS,
        ~_IS_SILENT,
    )
    .order_by(Mail.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEWEST = select(Mail).order_by(Mail.id.desc()).limit(bindparam("most"))


class MailRefused(Exception):
    """The mail could not be handed over now; its text says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A mail as whoever develops sees it."""

    recipient: str
    subject: str
    text: str
    created_at: datetime
    sent_at: datetime | None
    problem: str | None


class Mailbox:
    """Takes mails, in the caller's transaction of the catalog; or none at all, where none are sent."""

    def __init__(self, *, is_open: bool, public_url: str) -> None:
        self.is_open = is_open
        self._public_url = public_url

    def invite(self, session: Session, tenant_id: str, inviter: str, invited: Invited) -> None:
        """Nothing comes back; whoever was invited will hear of it."""
        company = session.get_one(Tenant, tenant_id)
        # Behind the #, where no server and no log ever sees it.
        link = f"{self._public_url}/join#token={quote(invited.token, safe='')}"
        letter = templates.invitation(
            company.language,
            inviter=inviter,
            company=company.name,
            role=invited.role,
            until=invited.expires_at,
            link=link,
        )
        self.put(session, letter, invited.email, tenant_id=tenant_id)

    def offer_reset(
        self, session: Session, recipient: str, name: str, language: str | None, token: str
    ) -> None:
        """Nothing comes back; whoever has this address can choose another password."""
        link = f"{self._public_url}/new-password#token={quote(token, safe='')}"
        self.put(session, templates.password_reset(language, name=name, link=link), recipient)

    def remind(self, session: Session, company: Tenant, recipient: Login, tasks: DueTasks, day: date) -> None:
        """Nothing comes back; this person will read which of their tasks in the company are due on this day."""
        letter = templates.reminder(
            company.language,
            name=recipient.name,
            company=company.name,
            tasks=tasks,
            day=day,
            link=partial(self._link_into, company),
        )
        self.put(session, letter, recipient.email, tenant_id=company.id)

    def _link_into(self, company: Tenant, path: str) -> str:
        """Where this page of the company is, whichever company its reader works in just then."""
        return f"{self._public_url}{path}?company={quote(company.slug)}"

    def put(
        self, session: Session, letter: MailMessage, recipient: str, *, tenant_id: str | None = None
    ) -> None:
        """Nothing comes back; the mail is sent when the transaction has committed."""
        if not self.is_open or self._is_neutral(session, tenant_id):
            return
        session.add(
            Mail(
                tenant_id=tenant_id,
                kind=letter.kind,
                recipient=recipient,
                subject=letter.subject,
                text=letter.text,
            )
        )
        session.flush()
        publish(session, MAIL)

    @staticmethod
    def _is_neutral(session: Session, tenant_id: str | None) -> bool:
        return tenant_id is not None and session.get_one(Tenant, tenant_id).is_neutral


class Outbox:
    """Sends what is due. `send` hands one mail over, or raises `MailRefused`; `keeps_texts`: whether they are
    to be looked at later. Otherwise a text, which may hold a secret link, goes once it is sent."""

    def __init__(self, catalog: Catalog, send: Callable[[Mail], None], *, keeps_texts: bool = False) -> None:
        self._catalog = catalog
        self._send = send
        self._keeps_texts = keeps_texts

    def send_due(self) -> int:
        """How many mails were sent: a batch, or as many as there are. Several processes may be at it."""
        sent = 0
        for _ in range(BATCH):
            is_sent = self._send_one()
            if is_sent is None:
                break
            sent += is_sent
        return sent

    def sweep(self) -> None:
        """Nothing comes back; mails that were sent, or given up, a month ago are gone."""
        with self._catalog.begin() as session:
            session.execute(delete(Mail).where(Mail.created_at < now() - KEPT))

    def _send_one(self) -> bool | None:
        """Whether a mail was sent; None if none is due."""
        with self._catalog.begin() as session:
            mail = session.scalars(_DUE, {"now": now()}).first()
            if mail is None:
                return None
            mail.attempts += 1
            try:
                self._send(mail)
            except MailRefused as refusal:
                mail.problem = sentence(refusal)
                mail.due_at = now() + min(FIRST_PAUSE * 2**mail.attempts, LONGEST_PAUSE)
                log.warning("mail_not_sent", mail=mail.id, attempts=mail.attempts, reason=mail.problem)
                return False
            mail.sent_at, mail.problem = now(), None
            if not self._keeps_texts:
                mail.text = ""
            return True


def newest(catalog: Catalog, most: int = 50) -> list[Shown]:
    """The newest mails, with their texts."""
    with catalog.begin() as session:
        return [
            Shown(mail.recipient, mail.subject, mail.text, mail.created_at, mail.sent_at, mail.problem)
            for mail in session.scalars(_NEWEST, {"most": most})
        ]
