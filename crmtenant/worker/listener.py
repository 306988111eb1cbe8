"""The thread that receives messages of other processes through the catalog (db/pool/notify.py)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import structlog
from psycopg2 import sql

from crmtenant.db.pool.connection import has_input
from crmtenant.db.pool.notify import CHANNEL

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from crmtenant.db.pool.address import DatabaseAddress

RETRY_SECONDS = 1.0
_POLL_SECONDS = 0.5

log = structlog.get_logger(__name__)


class NotifyListener:
    """Calls a topic's handler with the subject of each message; a handler must return quickly.

    After every connect each handler is called with "", since earlier messages are lost.
    """

    def __init__(self, address: DatabaseAddress, handlers: Mapping[str, Callable[[str], object]]) -> None:
        self._address = address
        self._handlers = handlers
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listener", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5) -> None:
        """End the thread."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self._listen()
            except psycopg2.Error as problem:
                log.warning("listen_failed", reason=str(problem).strip())
                self._is_stopping.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with closing(self._address.connect(application_name="crmtenant worker")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            for topic in self._handlers:
                self._call(topic, "")
            while not self._is_stopping.is_set():
                self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        if not has_input(connection.fileno(), _POLL_SECONDS):
            return
        connection.poll()
        while connection.notifies:
            topic, _, subject = connection.notifies.pop(0).payload.partition(" ")
            self._call(topic, subject)

    def _call(self, topic: str, subject: str) -> None:
        handler = self._handlers.get(topic)
        if handler is None:
            return
        try:
            handler(subject)
        except Exception:  # the thread outlives whatever one handler raises
            log.exception("handler_failed", topic=topic)
