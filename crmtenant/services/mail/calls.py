"""Calls to the worker: people of these companies were told something of which there may be a mail (ADR 36)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from crmtenant.clock import now
from crmtenant.db.pool.notify import TOLD, publish

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

AGAIN_AFTER = timedelta(minutes=7)
"""A worker that was restarted after the first call hears the second; by then a mail that waits for five minutes is due."""


class MailCalls:
    """Remembers whom to call for, in memory; a thread makes the calls, so that no request waits for the catalog."""

    def __init__(self, catalog: Catalog, clock: Callable[[], datetime] = now) -> None:
        self._catalog = catalog
        self._clock = clock
        self._lock = threading.Lock()
        self._new = set[str]()
        self._again: dict[str, datetime] = {}

    def add(self, tenant_id: str) -> None:
        """Call for this company soon."""
        with self._lock:
            self._new.add(tenant_id)

    def make(self) -> int:
        """Make the calls that are due, all by one transaction, and return how many."""
        with self._lock:
            moment, new = self._clock(), self._new
            self._new = set()
            again = {tenant_id for tenant_id, due in self._again.items() if due <= moment}
            called = {tenant_id for tenant_id in new if tenant_id not in self._again} | again
        try:
            self._publish(called)
        except BaseException:
            with self._lock:
                self._new |= new
            raise
        with self._lock:
            for tenant_id in again - new:
                del self._again[tenant_id]
            self._again |= {one: moment + AGAIN_AFTER for one in new if one in called}
        return len(called)

    def _publish(self, tenant_ids: Iterable[str]) -> None:
        if tenant_ids:
            with self._catalog.begin() as session:
                for tenant_id in tenant_ids:
                    publish(session, TOLD, tenant_id)
