"""Whose a database is, read in the database itself, and whether that is what somebody believes.

Nothing is dropped on belief: a catalog that was restored from a backup may take a company's database for a spare, for a
registration that failed, or for one that was replaced (ADR 19).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg2 import sql

from crmtenant.db.admin.connection import Administration, administering
from crmtenant.db.pool.label import OWN_LABEL, Label, LabelState, read_label
from crmtenant.errors import OperatorError

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress

# What every database has, and the one that is read by itself. Rows of all other tables are somebody's.
_NOBODYS = frozenset({("public", "alembic_version"), ("public", "company")})
_TABLES = """
    SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2
"""
_COMPANY = ("public", "company")


@dataclass(frozen=True, slots=True)
class DatabaseIdentity:
    """What a database says of itself. Written: people's rows are in it, or tables that are none of ours."""

    label: Label | None
    company_ids: frozenset[str]
    is_written: bool

    @property
    def is_nobodys(self) -> bool:
        """Whether no company has, or had, this database."""
        return self.label is None and not self.company_ids and not self.is_written

    def is_of(self, company_id: str) -> bool:
        """Return whether it is this company's and nobody else's."""
        of_label = {self.label.company_id} if self.label else set()
        return of_label | self.company_ids == {company_id}


class Contradiction(OperatorError):
    """A database is not what somebody believes it is, so it is left alone. `identity` is what it is, where that was
    read."""

    def __init__(self, message: str, identity: DatabaseIdentity | None = None) -> None:
        super().__init__(message)
        self.identity = identity

    def is_of(self, company_id: str) -> bool:
        """Return whether the database is this company's, contrary to what was believed."""
        return self.identity is not None and self.identity.is_of(company_id)


@dataclass(frozen=True, slots=True)
class Belief:
    """What somebody believes a database to be. `epoch` is the newest that it may have in these states.

    One that has been a company's must say so itself (`is_labelled`): without a label nothing tells it from one that
    still is.
    """

    what: str
    company_id: str | None = None
    epoch: int | None = None
    states: frozenset[LabelState] = frozenset()
    may_be_written: bool = False
    is_labelled: bool = False

    def check(self, database: str, identity: DatabaseIdentity) -> None:
        """Raise `Contradiction` if the database says otherwise of itself."""
        objection = self._objection(identity)
        if objection:
            raise Contradiction(
                f"The database {database} is not {self.what}: {objection}. It was left alone.", identity
            )

    def check_company(self, database: str, identity: DatabaseIdentity) -> None:
        """Raise `Contradiction` if the database says that it is another company's."""
        labelled = {identity.label.company_id} if identity.label else set()
        if not labelled | identity.company_ids <= {self.company_id}:
            raise Contradiction(f"The database {database} is another company's. It was left alone.", identity)

    def _objection(self, identity: DatabaseIdentity) -> str | None:
        label = identity.label
        if label is not None and (objection := self._objection_to(label)):
            return objection
        if label is None and self.is_labelled and not identity.is_nobodys:
            return "it has no label"
        if label is not None and label.state == "filling":
            return None  # the rows are a backup's, or another server's
        if not identity.company_ids <= {self.company_id}:
            return f"it is the company {', '.join(sorted(identity.company_ids))}"
        if identity.is_written and not self.may_be_written:
            return "people have written in it"
        return None

    def _objection_to(self, label: Label) -> str | None:
        if label.company_id != self.company_id:
            return f"it is labelled as the company {label.company_id}"
        if label.state not in self.states:
            return f"it is labelled as {label.state}"
        if self.epoch is not None and label.epoch > self.epoch:
            return f"it is labelled with epoch {label.epoch}, newer than {self.epoch}"
        return None


SPARE = Belief("a spare")
LEFTOVER = Belief("a database that nobody uses")


def unfinished(company_id: str) -> Belief:
    """Believe that a registration of the company was never finished."""
    return Belief(f"an unfinished registration of {company_id}", company_id)


def filling(company_id: str) -> Belief:
    """Believe that the database was being filled for the company and has not become its own."""
    return Belief(f"being filled for {company_id}", company_id, states=frozenset({"filling"}))


def replaced(company_id: str, epoch: int | None) -> Belief:
    """Believe that another database took this one's place, if the company still exists with this epoch."""
    states: frozenset[LabelState] = frozenset({"replaced"})
    if epoch is not None:  # whoever replaced it may have been killed before the label was changed
        states |= {"active", "suspended", "deleting"}
    newest = None if epoch is None else epoch - 1
    return Belief(
        f"a replaced one of {company_id}", company_id, newest, states, may_be_written=True, is_labelled=True
    )


def deleted(company_id: str, epoch: int) -> Belief:
    """Believe that the company is deleted, and this was its database until then."""
    states: frozenset[LabelState] = frozenset({"deleting"})
    return Belief(
        f"the deleted company {company_id}", company_id, epoch, states, may_be_written=True, is_labelled=True
    )


def read_identity(server: ServerAddress, database: str) -> DatabaseIdentity:
    """Return what the database, which accepts the administering role, says of itself."""
    with administering(server.admin(database)) as inside:
        row = inside.row(f"SELECT {OWN_LABEL}")
        label = read_label(row[0] if row else None)
        tables = set(inside.rows(_TABLES))
        if _COMPANY not in tables:
            return DatabaseIdentity(label, frozenset(), is_written=bool(tables))
        rows = inside.rows("SELECT id FROM public.company")
        # Other schemas are none of ours, and we may not even be allowed to look into them.
        is_elsewhere = any(schema != "public" for schema, _ in tables)
        is_written = is_elsewhere or _has_rows(inside, sorted(tables - _NOBODYS))
        return DatabaseIdentity(label, frozenset(company_id for (company_id,) in rows), is_written)


def _has_rows(inside: Administration, tables: list[tuple[str, ...]]) -> bool:
    rows = [sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(*table)) for table in tables]
    return inside.is_true(sql.SQL("SELECT {}").format(sql.SQL(" OR ").join([sql.SQL("false"), *rows])))
