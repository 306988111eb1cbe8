"""The worker's part of changed addresses: it makes the tokens and mails them to the new addresses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crmtenant.clock import now
from crmtenant.models.catalog.email_change import EmailChange
from crmtenant.models.catalog.tables import Login
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.mail import templates
from crmtenant.services.profiles.email_changes import VALIDITY
from crmtenant.services.profiles.password_resets import language_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.mail.outbox import MailOutbox
    from crmtenant.services.mail.templates import MailMessage

BATCH = 50

_UNANSWERED = (
    select(EmailChange)
    .where(EmailChange.token_hash.is_(None))
    .order_by(EmailChange.expires_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


class EmailChangeMailer:
    """Answers requests for another address; any number of processes may run it."""

    def __init__(self, catalog: Catalog, outbox: MailOutbox, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._outbox = outbox
        self._clock = clock

    def answer(self) -> int:
        """Answer at most one batch of requests and return how many."""
        return next((count for count in range(BATCH) if not self._answer_one()), BATCH)

    def sweep(self) -> None:
        """Delete what was not confirmed in time."""
        with self._catalog.begin() as session:
            session.execute(delete(EmailChange).where(EmailChange.expires_at <= self._clock()))

    def _answer_one(self) -> bool:
        """Return whether there was a request to answer."""
        with self._catalog.begin() as session:
            change = session.scalar(_UNANSWERED)
            if change is None:
                return False
            token = new_token()
            change.token_hash, change.expires_at = token_hash(token), self._clock() + VALIDITY
            self._outbox.put(session, self._message(session, change, token), change.email)
        return True

    def _message(self, session: Session, change: EmailChange, token: str) -> MailMessage:
        """Return the link for an address that is free. Whoever has the address is told instead, and nobody learns the
        token."""
        is_others = (Login.email_key == change.email_key, Login.id != change.user_id)
        other = session.scalar(select(Login).where(*is_others))
        if other is not None:
            return templates.email_in_use(language_of(session, other.id), name=other.name)
        link = self._outbox.token_link("/confirm-email", token)
        return templates.email_confirmation(language_of(session, change.user_id), link=link)
