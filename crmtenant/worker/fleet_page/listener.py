"""Serves the fleet's page at `fleet_listen`."""

from __future__ import annotations

import socket
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from waitress.server import create_server
from waitress.wasyncore import close_all

from crmtenant.errors import OperatorError, sentence
from crmtenant.services.monitoring.survey import FleetSurvey
from crmtenant.worker.fleet_page.app import FleetPage

if TYPE_CHECKING:
    from crmtenant.platform import Platform

THREADS = 2
#: However many look, the servers are asked no more often.
MAX_AGE_SECONDS = 5.0
MOST_BODY = 16_384
STOP_SECONDS = 5


class FleetListener:
    """A server in a thread of its own, in a process that has the rights to look at every server."""

    def __init__(self, platform: Platform, listen: str) -> None:
        self._platform = platform
        self._listen = listen
        self._server: Any = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start serving. Raises `OperatorError` if the address cannot be listened on."""
        survey = FleetSurvey(
            self._platform.databases.catalog,
            self._platform.operations.servers,
            max_age_seconds=MAX_AGE_SECONDS,
        )
        page = FleetPage(self._platform.identity.operator_accounts, survey.look)
        host, _, port = self._listen.rpartition(":")
        try:
            listening = socket.create_server((host, int(port)))
        except (OSError, OverflowError) as problem:
            raise OperatorError(f"fleet_listen: cannot listen there: {sentence(problem)}") from None
        self._server = server = create_server(
            page,
            sockets=[listening],
            threads=THREADS,
            ident=None,
            max_request_body_size=MOST_BODY,
            asyncore_use_poll=True,
        )
        self._thread = threading.Thread(target=server.run, name="fleet page", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop serving."""
        if self._thread is not None:
            # By the thread that polls them, for no other knows when it does not.
            self._server.trigger.pull_trigger(partial(close_all, self._server._map, ignore_all=True))  # noqa: SLF001
            self._thread.join(STOP_SECONDS)
            self._server.task_dispatcher.shutdown(timeout=STOP_SECONDS)
            self._server = self._thread = None
