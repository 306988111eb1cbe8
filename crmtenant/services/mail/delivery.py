"""Delivery of the mails in the outbox, by a worker.

A process that dies between sending a mail and recording it leaves the mail to be sent again: delivery is at
least once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import bindparam, delete, exists, or_, select

from crmtenant.clock import now
from crmtenant.errors import sentence
from crmtenant.models.catalog.tables import Mail, Tenant

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

BATCH = 20
MAX_ATTEMPTS = 10
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
RETENTION = timedelta(days=30)

log = structlog.get_logger(__name__)

_IS_SILENT = exists().where(Tenant.id == Mail.tenant_id, or_(Tenant.is_neutral, Tenant.state != "active"))
_DUE = (
    select(Mail)
    .where(
        Mail.sent_at.is_(None),
        Mail.due_at <= bindparam("now"),
        Mail.attempts < MAX_ATTEMPTS,
        ~_IS_SILENT,
    )
    .order_by(Mail.due_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEWEST = select(Mail).order_by(Mail.id.desc()).limit(bindparam("limit"))


class MailRefused(Exception):
    """The mail could not be handed over to the mail server; the message says why."""


@dataclass(frozen=True, slots=True)
class MailPreview:
    """A mail as the page for developers shows it."""

    recipient: str
    subject: str
    text: str
    created_at: datetime
    sent_at: datetime | None
    problem: str | None


class MailDelivery:
    """Sends the mails that are due.

    `send` hands one mail over or raises `MailRefused`. The text of a sent mail, which may hold a secret link, is
    erased unless `keeps_texts`.
    """

    def __init__(self, catalog: Catalog, send: Callable[[Mail], None], *, keeps_texts: bool = False) -> None:
        self._catalog = catalog
        self._send = send
        self._keeps_texts = keeps_texts

    def send_due(self) -> int:
        """Send at most one batch and return how many mails were sent. Several processes may run this at once."""
        sent = 0
        for _ in range(BATCH):
            is_sent = self._send_one()
            if is_sent is None:
                break
            sent += is_sent
        return sent

    def sweep(self) -> None:
        """Delete mails older than a month, sent or not."""
        with self._catalog.begin() as session:
            session.execute(delete(Mail).where(Mail.created_at < now() - RETENTION))

    def _send_one(self) -> bool | None:
        """Return whether a mail was sent, or None if none is due."""
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


class MailPreviews:
    """Shows the mails of a development server, which sends none."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def newest(self, limit: int = 50) -> list[MailPreview]:
        """Return the newest mails with their texts, the newest first."""
        with self._catalog.begin() as session:
            return [_preview(mail) for mail in session.scalars(_NEWEST, {"limit": limit})]


def _preview(mail: Mail) -> MailPreview:
    return MailPreview(mail.recipient, mail.subject, mail.text, mail.created_at, mail.sent_at, mail.problem)
