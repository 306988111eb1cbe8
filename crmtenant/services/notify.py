"""Words that processes say to each other through the catalog (NOTIFY): that there is something to do.

Whoever listens must do without: a word said while nobody listens is lost, and what it was about is found in the
catalog at the next round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHANNEL = "crmtenant"

#: a spare was used up; a company waits for its database; a mail was written
SPARES, COMPANY_CREATED, MAIL = "spares", "found", "mail"

_TELL = select(func.pg_notify(CHANNEL, bindparam("word")))


def publish(session: Session, word: str, about: str = "") -> None:
    """Nothing comes back; the word is said when the session's transaction commits."""
    session.execute(_TELL, {"word": f"{word} {about}".rstrip()})
