"""What the errors of PostgreSQL mean: to a client, and to work that goes on in spite of them.

PostgreSQL's own message is never shown to a client: it may name tables, roles or values.
"""

from __future__ import annotations

import psycopg2
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crmtenant.errors import (
    Conflict,
    DomainError,
    FieldError,
    Invalid,
    OperatorError,
    StorageFull,
    Unavailable,
)

#: Errors that concern one company or one server: they are logged, and the work goes on with the next one.
RECOVERABLE_ERRORS = (DomainError, OperatorError, OSError, psycopg2.Error, SQLAlchemyError)
#: Errors of a server that is down, starting or stopping. The request itself may be fine.
SERVER_UNAVAILABLE = (Unavailable, psycopg2.OperationalError, OperationalError)

_UNSTORABLE = Invalid(FieldError("", "unstorable_value", "A value cannot be stored."))

_BY_STATE: dict[str, DomainError] = {
    "57014": Unavailable("The request took too long.", code="query_timeout", retry_after_seconds=5),
    "55P03": Unavailable("Somebody else is changing this at the moment.", retry_after_seconds=1),
    "53300": Unavailable(retry_after_seconds=2),
    "53400": Unavailable("The request needs more temporary storage than is allowed.", retry_after_seconds=5),
    "53100": StorageFull("There is not enough storage for this."),
    "40001": Conflict("Somebody else changed this at the same time; try again."),
    "40P01": Conflict("Somebody else changed this at the same time; try again."),
    "23505": Conflict("This already exists.", code="already_exists"),
    "23503": Invalid(FieldError("", "unknown_reference", "There is no such item to refer to.")),
    "23514": Invalid(FieldError("", "contradiction", "The values contradict each other.")),
    "23502": _UNSTORABLE,
    "22001": _UNSTORABLE,
    "22003": _UNSTORABLE,
    "22007": _UNSTORABLE,
    "22008": _UNSTORABLE,
    "22021": _UNSTORABLE,
    "22P05": _UNSTORABLE,
    "54000": _UNSTORABLE,
    "25006": Unavailable("This company is read-only at the moment.", retry_after_seconds=5),
}


def as_domain_error(error: BaseException) -> DomainError | None:
    """Return the domain error that a database error means, or None for an error in this program.

    It is chosen by SQLSTATE (PostgreSQL, appendix A).
    """
    if isinstance(error, PoolTimeout):
        return Unavailable()
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, psycopg2.Error):
        return None
    state = original.pgcode
    if state is None or state[:2] in {"08", "57"}:
        # Errors while connecting have no SQLSTATE.
        known = _BY_STATE.get(state or "")
        is_lost = isinstance(original, psycopg2.OperationalError | psycopg2.InterfaceError)
        return known or (Unavailable() if is_lost else None)
    return _BY_STATE.get(state)
