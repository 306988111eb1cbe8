"""Wake-up messages between processes, sent through the catalog with NOTIFY.

A receiver must do without them: a message sent while nobody listens is lost, and the work it announced is found
in the catalog by the next periodic run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHANNEL = "crmtenant"

#: A spare was used; a company waits for its database; a mail was queued. Older releases read these words too.
SPARES, COMPANY_CREATED, MAIL = "spares", "found", "mail"
#: An owner asked for a job, or cancelled one.
COMPANY_JOB = "job"
#: People of a company were told something, or one of them left.
TOLD = "told"

_NOTIFY = select(func.pg_notify(CHANNEL, bindparam("message")))


def publish(session: Session, topic: str, subject: str = "") -> None:
    """Send the message when the session's transaction commits."""
    session.execute(_NOTIFY, {"message": f"{topic} {subject}".rstrip()})
