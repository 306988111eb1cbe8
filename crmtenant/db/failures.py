"""What one company's trouble may be, so that the next one gets its turn all the same; and what a server's."""

from __future__ import annotations

import psycopg2
import sqlalchemy.exc

from crmtenant.errors import DomainError, OperatorError, Unavailable

RECOVERABLE_ERRORS = (DomainError, OperatorError, OSError, psycopg2.Error, sqlalchemy.exc.SQLAlchemyError)
#: Of a server that is down, starting or just going: nothing is wrong with what was asked.
SERVER_UNAVAILABLE = (Unavailable, psycopg2.OperationalError, sqlalchemy.exc.OperationalError)
