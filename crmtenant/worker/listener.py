"""The thread that hears what other processes say through the catalog (services/signals.py)."""

from __future__ import annotations

import select
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING

import psycopg2
import structlog
from psycopg2 import sql

from crmtenant.services.notify import CHANNEL

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection  # noqa: N812

    from crmtenant.db.pool.address import DatabaseAddress

RETRY_SECONDS = 1.0
_PATIENCE_SECONDS = 0.5

log = structlog.get_logger(__name__)


class NotifyListener:
    """Calls, for each word heard, its function with what the word is about; a function must not take long.

    After every connecting each function is called with "", for what was said before is lost.
    """

    def __init__(self, address: DatabaseAddress, handlers: Mapping[str, Callable[[str], object]]) -> None:
        self._address = address
        self._heard = handlers
        self._is_stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="listening", daemon=True)

    def start(self) -> None:
        """Nothing comes back; the thread runs."""
        self._thread.start()

    def stop(self, timeout_seconds: float = 5) -> None:
        """Nothing comes back; the thread has ended."""
        self._is_stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                self._listen()
            except psycopg2.Error as problem:
                log.warning("not_listening", reason=str(problem).strip())
                self._is_stopping.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with closing(self._address.connect(application_name="crmtenant worker")) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            for word in self._heard:
                self._call(word, "")
            while not self._is_stopping.is_set():
                self._hear(connection)

    def _hear(self, connection: Connection) -> None:
        readable, _, _ = select.select([connection], [], [], _PATIENCE_SECONDS)
        if not readable:
            return
        connection.poll()
        while connection.notifies:
            word, _, about = connection.notifies.pop(0).payload.partition(" ")
            self._call(word, about)

    def _call(self, word: str, about: str) -> None:
        function = self._heard.get(word)
        if function is None:
            return
        try:
            function(about)
        except Exception:  # the thread outlives whatever one word leads to
            log.exception("word_not_followed", word=word)
