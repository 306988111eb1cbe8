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
    # The server ended the connection with the transaction in it.
    "25P03": Unavailable(retry_after_seconds=1),
    "25P04": Unavailable("The request took too long.", code="query_timeout", retry_after_seconds=5),
    "25006": Unavailable("This company is read-only at the moment.", retry_after_seconds=5),
}


#: Classes of SQLSTATE that are about the server and not about the statement: connections, resources, intervention
#: of an operator, the operating system.
_OF_THE_SERVER = frozenset({"08", "53", "57", "58"})
#: What is raised when the connection is lost just as a transaction is committed (SQLSTATE 08007 has no other meaning).
_UNKNOWN_OUTCOME = Unavailable(
    "The connection to the database was lost while saving. The change may have been saved: look before you repeat it.",
    retry_after_seconds=2,
)


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
    if state is not None:
        known = _BY_STATE.get(state)
        return known or (Unavailable() if state[:2] in _OF_THE_SERVER else None)
    if not is_connection_lost(original):
        return None
    # SQLAlchemy has no statement for COMMIT. Before that, nothing has been saved.
    is_commit = isinstance(error, DBAPIError) and error.statement is None
    return _UNKNOWN_OUTCOME if is_commit else Unavailable()


def is_connection_lost(error: psycopg2.Error) -> bool:
    """Return whether the error means that the connection, or its start, was lost: libpq knows no SQLSTATE then.

    Where the server's answer broke off or was none, psycopg2 finds no class for the error and raises the bare
    DatabaseError.
    """
    is_bare = type(error) is psycopg2.DatabaseError
    of_connection = isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError)
    return error.pgcode is None and (is_bare or of_connection)


def is_server_unavailable(error: BaseException) -> bool:
    """Return whether the error is of a server that is down, starting, stopping or cut off; what was asked may be fine."""
    if isinstance(error, Unavailable | psycopg2.OperationalError | OperationalError):
        return True
    return isinstance(as_domain_error(error), Unavailable)
