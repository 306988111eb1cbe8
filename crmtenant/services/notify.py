"""Notifications between processes through the catalog (PostgreSQL's NOTIFY): that there is work to do.

They may be lost while nobody listens. Listeners therefore also look for work in the catalog periodically.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHANNEL = "crmtenant"

#: A spare was claimed; a company waits for its database; there is a mail to send.
SPARES, COMPANY_CREATED, MAIL = "spares", "found", "mail"

_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("payload")))


def publish(session: Session, topic: str, subject: str = "") -> None:
    """Send the notification when the session's transaction commits. `subject` is an id."""
    session.execute(_NOTIFY, {"payload": f"{topic} {subject}".rstrip()})
