"""The worker's part of password resets: it makes the tokens and mails them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from crmtenant.clock import now
from crmtenant.models.catalog.tables import Login, PasswordReset
from crmtenant.security.opaque_tokens import new_token, token_hash
from crmtenant.services.mail import templates
from crmtenant.services.profiles.password_resets import VALIDITY, language_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog
    from crmtenant.services.mail.outbox import MailOutbox

BATCH = 50

_UNANSWERED = (
    select(PasswordReset)
    .where(PasswordReset.token_hash.is_(None))
    .order_by(PasswordReset.expires_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


class ResetMailer:
    """Answers requests for password resets; any number of processes may run it."""

    def __init__(self, catalog: Catalog, outbox: MailOutbox, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._outbox = outbox
        self._clock = clock

    def answer(self) -> int:
        """Answer at most one batch of requests and return how many."""
        return next((count for count in range(BATCH) if not self._answer_one()), BATCH)

    def sweep(self) -> None:
        """Delete expired tokens."""
        with self._catalog.begin() as session:
            session.execute(delete(PasswordReset).where(PasswordReset.expires_at <= self._clock()))

    def _answer_one(self) -> bool:
        """Return whether there was a request to answer."""
        with self._catalog.begin() as session:
            reset = session.scalar(_UNANSWERED)
            if reset is None:
                return False
            has_address = Login.email_key == reset.email_key
            user = session.scalar(select(Login).where(has_address, Login.is_active))
            if user is None:
                session.delete(reset)
            else:
                self._mail_token(session, reset, user)
        return True

    def _mail_token(self, session: Session, reset: PasswordReset, user: Login) -> None:
        # The newest link alone is valid: an older mail may lie where others read it.
        session.execute(delete(PasswordReset).where(PasswordReset.user_id == user.id))
        token = new_token()
        reset.user_id, reset.token_hash = user.id, token_hash(token)
        reset.expires_at = self._clock() + VALIDITY
        link = self._outbox.token_link("/new-password", token)
        message = templates.password_reset(language_of(session, user.id), name=user.name, link=link)
        self._outbox.put(session, message, user.email)
