"""Keeping the copies of companies' essentials in their databases up to date.

One query finds those that differ from what was written last; only these are visited. Serving processes write none: they have
no right to, so that whoever takes one over cannot make himself an owner by way of a recovery.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING

import psycopg2
import structlog
from sqlalchemy import bindparam, case, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.db.admin.essentials import CopiedEssentials, has_room, read_copy, write_copy
from crmtenant.db.errors import RECOVERABLE_ERRORS, is_server_unavailable
from crmtenant.errors import OperatorError, sentence
from crmtenant.models.catalog.essentials_copy import EssentialsCopy
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.jobs.backoff import Backoff
from crmtenant.services.recovery.essentials import (
    UNREAD,
    OutdatedCopy,
    lock_place,
    outdated_copies,
    read_essentials_text,
)
from crmtenant.services.recovery.recovered_rows import update_company, write_members

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import ColumnElement
    from sqlalchemy.dialects.postgresql import Insert
    from sqlalchemy.orm import Session

    from crmtenant.db.admin.connection import Administration
    from crmtenant.db.admin.servers import ManagedServer, ManagedServers
    from crmtenant.db.pool.catalog import Catalog

#: A copy that could not be written is tried again after this time.
RETRY = timedelta(minutes=10)
#: The digest of a copy that is being written.
_UNFINISHED = ""

_FORGET = (
    update(EssentialsCopy)
    .where(EssentialsCopy.tenant_id == bindparam("company"), EssentialsCopy.digest != UNREAD)
    .values(digest=_UNFINISHED)
    .execution_options(synchronize_session=False)
)

log = structlog.get_logger(__name__)


class EssentialsCopies:
    """Writes the copies of one installation; one process at a time does it."""

    def __init__(self, catalog: Catalog, servers: ManagedServers) -> None:
        self._catalog = catalog
        self._servers = servers
        self._backoff = Backoff(RETRY)

    def write_changed(self) -> int:
        """Write the copies that are not up to date; return how many. Failures are logged and tried again later."""
        with self._servers.try_lock(advisory_locks.ESSENTIALS) as is_alone:
            if not is_alone:
                return 0
            moment = now()
            outdated = [one for one in outdated_copies(self._catalog) if self._backoff.allows(one.tenant_id)]
            by_server = groupby(outdated, key=lambda one: one.server_id)
            return sum(
                self._write_on(self._servers.of(server_id), copies, moment) for server_id, copies in by_server
            )

    def write_anew(self, tenant_id: str) -> None:
        """Write the company's copy whether or not it was written before. Raises what keeps it from being written."""
        with self._catalog.begin() as session:
            session.execute(_FORGET, {"company": tenant_id})
        for one in outdated_copies(self._catalog):
            if one.tenant_id == tenant_id:
                self._write(self._servers.of(one.server_id), one, now())

    def _write_on(self, server: ManagedServer, copies: Iterable[OutdatedCopy], moment: datetime) -> int:
        written = 0
        for one in copies:
            if self._servers.interrupts.is_set:
                break
            try:
                written += self._write(server, one, moment)
            except RECOVERABLE_ERRORS as problem:
                if is_server_unavailable(problem) and not _answers(server):
                    log.warning("essentials_postponed", server=server.name, reason=sentence(problem))
                    break
                log.exception("essentials_not_written", tenant_id=one.tenant_id)
                self._backoff.record(one.tenant_id, succeeded=False)
        return written

    def _write(self, server: ManagedServer, one: OutdatedCopy, moment: datetime) -> bool:
        with administering(server.address.admin(one.database)) as inside:
            newer = self._newer(inside, one)
            if newer is not None:
                self._take_over(one, newer, moment)
                return False
            # Before it is written: a copy that is newer than the catalog knows is left alone, and ours must not look so.
            self._record(one, moment, _UNFINISHED)
            with self._catalog.begin() as session:
                if not lock_place(session, one.tenant_id, one.database):
                    return False
                write_copy(
                    inside, self._servers.names.owner, one.tenant_id, CopiedEssentials(moment, one.document)
                )
                session.execute(_recorded(one, moment, one.digest))
        return True

    def _newer(self, inside: Administration, one: OutdatedCopy) -> CopiedEssentials | None:
        """Return the copy that nobody could read when the catalog was recovered, if it is newer than that.

        Raises `OperatorError` if there is no room for a copy, or one that is newer than the catalog for another reason.
        """
        if not has_room(inside):
            raise OperatorError(f"The database {one.database} has no table of essentials.")
        found = read_copy(inside, one.tenant_id)
        if found is None or (one.copied_at is not None and found.saved_at <= one.copied_at):
            return None
        if one.is_unread:
            return found
        raise OperatorError(
            f"The copy of what the catalog says of {one.tenant_id} is newer than the catalog, which was restored from a"
            " backup otherwise than by crmtenant catalog recover. The copy is kept."
        )

    def _take_over(self, one: OutdatedCopy, newer: CopiedEssentials, moment: datetime) -> None:
        """Have the catalog follow the copy, but where it was changed since it was recovered; the copy is written next time."""
        essentials = read_essentials_text(newer.document)
        with self._catalog.begin() as session:
            company = session.get_one(Tenant, one.tenant_id, with_for_update={"key_share": True})
            update_company(session, company, essentials.company, unless_since=one.copied_at)
            write_members(session, one.tenant_id, essentials.members, unless_since=one.copied_at)
            session.execute(_recorded(one, moment, _UNFINISHED))
        log.warning("essentials_taken_over", tenant_id=one.tenant_id)

    def _record(self, one: OutdatedCopy, moment: datetime, digest: str) -> None:
        with self._catalog.begin() as session:
            session.execute(_recorded(one, moment, digest))


def _answers(server: ManagedServer) -> bool:
    """Return whether the server is there, and one database of it is not."""
    try:
        server.address.admin().connect().close()
    except psycopg2.OperationalError:
        return False
    return True


def forget_written(session: Session, *, unread: Collection[int], since: datetime | None) -> None:
    """Have all copies written anew, whatever is in the databases: the catalog is newer than all of it now.

    Those on the servers with the ids `unread` are read first: they may be newer than `since`, when the catalog was saved.
    So are those that could not be read by an earlier recovery either.
    """
    is_unread = Tenant.server_id.in_(unread)
    moment = literal(now())
    companies = select(
        Tenant.id,
        Tenant.database,
        case((is_unread, UNREAD), else_=_UNFINISHED),
        case((is_unread, literal(since or now())), else_=moment),
    )
    statement = insert(EssentialsCopy).from_select(["tenant_id", "database", "digest", "saved_at"], companies)
    session.execute(_in_place(statement, EssentialsCopy.digest != UNREAD))


def _recorded(one: OutdatedCopy, moment: datetime, digest: str) -> Insert:
    return _in_place(
        insert(EssentialsCopy).values(
            tenant_id=one.tenant_id, database=one.database, digest=digest, saved_at=moment
        )
    )


def _in_place(statement: Insert, where: ColumnElement[bool] | None = None) -> Insert:
    """Have the row take the place of the company's older one."""
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["tenant_id"],
        set_={"database": new.database, "digest": new.digest, "saved_at": new.saved_at},
        where=where,
    )
