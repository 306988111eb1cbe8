"""The base classes, columns and indexes that the tables of a company's database share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, Index, MetaData, Text, cast, func, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from crmtenant.clock import now

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class TenantBase(DeclarativeBase):
    """The base class of the tables in a company's database."""

    metadata = MetaData(naming_convention=NAMING)


class SearchTokens(TypeDecorator[Any]):
    """A tsvector written as a list of tokens (see `text/tokens.py`).

    PostgreSQL's own parser is not used: it would keep `anna.berg@acme.eu` as one word that a search for
    `berg` does not find, and it cannot fold accents without an extension that the embedded server lacks.
    """

    impl = TSVECTOR
    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        """Return the SQL that converts a bound list of tokens to a tsvector."""
        return func.array_to_tsvector(cast(bindvalue, ARRAY(Text)))

    def process_bind_param(self, value: Any, dialect: Any) -> Any:  # noqa: ARG002 (the interface's)
        """Return the tokens as a list for psycopg2."""
        return list(value) if value is not None else []


class Item:
    """The columns of every item that a client can create, change, delete and restore."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), default=now)
    created_by: Mapped[str] = mapped_column(Text)
    updated_by: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(BigInteger, default=1)
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deleted_by: Mapped[str | None] = mapped_column(Text)


def trash_index(name: str) -> Index:
    """Return an index over the rows in the trash, by the time of their deletion."""
    return Index(name, "deleted_at", "id", postgresql_where=text("deleted_at IS NOT NULL"))


def reference_index(name: str, column: str) -> Index:
    """Return an index by which PostgreSQL finds the rows, in the trash or not, that refer to one that is deleted."""
    return Index(name, column, postgresql_where=text(f"{column} IS NOT NULL"))


def live_index(name: str, *columns: str, using: str | None = None) -> Index:
    """Return an index over the rows that are not in the trash."""
    options: dict[str, Any] = {"postgresql_where": text("deleted_at IS NULL")}
    if using:
        options["postgresql_using"] = using
    return Index(name, *columns, **options)
