"""What one company's trouble may be, so that the next one gets its turn all the same."""

from __future__ import annotations

import psycopg2
import sqlalchemy.exc

from crmtenant.errors import DomainError, OperatorError

TROUBLE = (DomainError, OperatorError, OSError, psycopg2.Error, sqlalchemy.exc.SQLAlchemyError)
