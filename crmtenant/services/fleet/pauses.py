"""Keeping everybody out of a company while its database is moved or migrated, for as long as somebody is at work.

A pause is a lease in the catalog that lapses within seconds unless it is renewed. Whoever paused a company closes its
database; it is opened only after the lease was ended in the catalog. So the holder of a lease that was ended meanwhile,
however slow, finds that out when it locks the company's row, and changes nothing.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

import structlog
from sqlalchemy import bindparam, func, select, update

from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import OperatorError
from crmtenant.models.catalog.tables import Tenant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.db.pool.catalog import Catalog

#: All that a killed process leaves behind.
LEASE = timedelta(seconds=6)
RENEW_SECONDS = 1.5

log = structlog.get_logger(__name__)

# The catalog's clock alone decides. No session holds a company here: looking for objects to synchronize would cost as
# much as the statement.
_COMPANY = (
    update(Tenant)
    .where(Tenant.id == bindparam("tenant_id"))
    .returning(Tenant.migrating_until)
    .execution_options(synchronize_session=False)
)
_TAKE = _COMPANY.values(migrating_until=func.clock_timestamp() + bindparam("lease"))
_RENEW = _TAKE.where(Tenant.migrating_until == bindparam("held"))
_END = _COMPANY.values(migrating_until=None).where(Tenant.migrating_until == bindparam("held"))
_END_LAPSED = (
    update(Tenant)
    .where(Tenant.migrating_until <= func.clock_timestamp())
    .values(migrating_until=None)
    .returning(Tenant.id)
    .execution_options(synchronize_session=False)
)
_PAUSED = select(Tenant.id).where(Tenant.migrating_until.is_not(None))


class Pause:
    """The pause of one company: begun on entering and renewed until the with block ends, which does not end the pause.

    The time until which it was renewed last tells it from every other.
    """

    def __init__(self, catalog: Catalog, tenant_id: str) -> None:
        self._catalog = catalog
        self._tenant_id = tenant_id
        self._until: datetime | None = None
        self._lock = threading.Lock()
        self._is_renewed = False

    def __enter__(self) -> Self:
        self._until = self._execute(_TAKE, lease=LEASE)
        self._is_renewed = True
        _renewer.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_renewing()

    def require(self, session: Session) -> Tenant:
        """Lock and return the company's row. Raises `OperatorError` if the pause was ended by others, who took us for
        dead: the company may have been served since.

        It is not renewed any more; the lock keeps everybody from ending it before the transaction does.
        """
        self._stop_renewing()
        company = session.get_one(Tenant, self._tenant_id, with_for_update={"key_share": True})
        if company.migrating_until is None or company.migrating_until != self._until:
            raise OperatorError(f"{company.slug} is served again: this process was taken for dead.")
        return company

    def end(self) -> None:
        """End the pause, unless others have done so, or have paused the company anew."""
        self._stop_renewing()
        self._execute(_END, held=self._until)

    def renew(self) -> None:
        """Make it last longer, unless it is over."""
        with self._lock:
            if not self._is_renewed:
                return
            try:
                renewed = self._execute(_RENEW, lease=LEASE, held=self._until)
            except RECOVERABLE_ERRORS:
                log.exception("pause_not_renewed", tenant_id=self._tenant_id)
                return
            self._is_renewed = renewed is not None
            self._until = renewed or self._until

    def _stop_renewing(self) -> None:
        _renewer.remove(self)
        with self._lock:
            self._is_renewed = False

    def _execute(self, statement: object, **values: object) -> datetime | None:
        with self._catalog.begin() as session:
            row = session.execute(statement, {"tenant_id": self._tenant_id, **values}).one_or_none()  # type: ignore[call-overload]
        return row[0] if row else None


class _Renewer:
    """The thread that renews the pauses of this process: one for each would cost more than a migration."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pauses: set[Pause] = set()
        self._thread: threading.Thread | None = None

    def add(self, pause: Pause) -> None:
        with self._lock:
            self._pauses.add(pause)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="renewing pauses", daemon=True)
                self._thread.start()

    def remove(self, pause: Pause) -> None:
        with self._lock:
            self._pauses.discard(pause)

    def _run(self) -> None:
        while True:
            time.sleep(RENEW_SECONDS)
            with self._lock:
                pauses = list(self._pauses)
            for pause in pauses:
                pause.renew()


_renewer = _Renewer()


def paused(catalog: Catalog) -> list[str]:
    """Return the ids of the companies that are paused."""
    with catalog.reading() as reader:
        return [tenant_id for (tenant_id,) in reader.rows(_PAUSED)]


def end_lapsed(catalog: Catalog) -> list[str]:
    """End the pauses that nobody renewed in time; return the companies' ids."""
    with catalog.begin() as session:
        return list(session.scalars(_END_LAPSED))


def end(catalog: Catalog, tenant_id: str) -> None:
    """End the company's pause, whoever began it."""
    with catalog.begin() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant_id).values(migrating_until=None))
