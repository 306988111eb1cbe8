"""Statements that handle hundreds of rows, or read a whole table, and may take longer than others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

STATEMENT_TIMEOUT = 60_000
"""Milliseconds."""

# is_local: the connection has its own limit again when the transaction ends, however it ends.
_ALLOW = select(func.set_config("statement_timeout", str(STATEMENT_TIMEOUT), True))


def allow_long_statements(session: Session) -> None:
    """Let each statement of the session's transaction take a minute."""
    session.execute(_ALLOW)
