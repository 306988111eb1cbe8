"""The outbox: mails are written in the catalog transaction that gives the reason for them.

So a mail is sent if, and only if, what it is about was committed (transactional outbox).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from crmtenant.db.pool.notify import MAIL, publish
from crmtenant.models.catalog.tables import Mail, Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.mail.templates import MailMessage


class MailOutbox:
    """Takes the mails of an installation. Where no mails are sent (`is_open` is false), it drops them."""

    def __init__(self, *, is_open: bool, public_url: str) -> None:
        self.is_open = is_open
        self._public_url = public_url

    def put(
        self, session: Session, message: MailMessage, recipient: str, *, tenant_id: str | None = None
    ) -> bool:
        """Queue the message, to be sent after the transaction has committed. Return whether there will be a mail."""
        if not self.is_open or self._is_neutral(session, tenant_id):
            return False
        session.add(
            Mail(
                tenant_id=tenant_id,
                kind=message.kind,
                recipient=recipient,
                subject=message.subject,
                text=message.text,
            )
        )
        session.flush()
        publish(session, MAIL)
        return True

    def token_link(self, path: str, token: str) -> str:
        """Return the address of a page that reads a token. The token is in the fragment, which is never sent to a
        server and so never logged."""
        return f"{self._public_url}{path}#token={quote(token, safe='')}"

    def page_link(self, path: str) -> str:
        """Return the address of a page that everybody may open."""
        return f"{self._public_url}{path}"

    def company_link(self, path: str, slug: str) -> str:
        """Return the address of a page of this company, whichever company its reader last worked in."""
        return f"{self._public_url}{path}?company={quote(slug)}"

    @staticmethod
    def _is_neutral(session: Session, tenant_id: str | None) -> bool:
        return tenant_id is not None and session.get_one(Tenant, tenant_id).is_neutral
