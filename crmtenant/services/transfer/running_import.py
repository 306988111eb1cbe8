"""The import of a company that is running: how far it is, and calling it off.

An import says how far it is in the name of its session, which PostgreSQL shows to the company's other sessions before
the transaction is committed. Who calls it off waits for its lock, and the import sees that somebody waits. Neither
leaves anything behind when a process dies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, func, literal, select, text

from crmtenant import advisory_locks
from crmtenant.errors import Conflict

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.reader import Reader

_PREFIX = "import of contacts, row "
_TRY = select(func.pg_try_advisory_xact_lock(advisory_locks.CONTACT_IMPORT))
_WAIT = select(func.pg_advisory_xact_lock(advisory_locks.CONTACT_IMPORT))
#: is_local: the session has its own name again when the transaction ends, however it ends.
_TELL = select(
    func.set_config("application_name", literal(_PREFIX).concat(bindparam("row", type_=Text)), True),
    text("""EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted AND classid = 0 AND objid = :lock
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )""").bindparams(lock=advisory_locks.CONTACT_IMPORT),
)
_ASK = text("""
    SELECT substr(application_name, length(:prefix) + 1)::bigint FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND starts_with(application_name, :prefix)
""").bindparams(prefix=_PREFIX)


def begin(session: Session) -> None:
    """Be the one import of the company until the transaction ends.

    Raises: `Conflict` while another one is running.
    """
    if not session.scalar(_TRY):
        raise Conflict("Another import is running; try again when it is done.", code="import_running")


def tell(session: Session, row: int) -> None:
    """Say that the import has come to this row of its file.

    Raises: `Conflict` when it was called off.
    """
    is_called_off: bool = session.execute(_TELL, {"row": str(row)}).one()[1]
    if is_called_off:
        raise Conflict("The import was called off; nothing was written.", code="import_called_off")


def row_of(reader: Reader) -> int | None:
    """Return the row that the running import has come to; None when there is none."""
    found: tuple[Any, ...] | None = reader.row(_ASK)
    return found[0] if found else None


def call_off(session: Session) -> None:
    """End the running import, if there is one, and return when it has ended."""
    session.execute(_WAIT)
