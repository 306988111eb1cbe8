"""Metrics for Prometheus, on an address of their own that is not public."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from crmtenant.errors import DomainError, OperatorError
from crmtenant.services.fleet.metrics import read_metrics
from crmtenant.services.fleet.top_companies import read_ranks

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import Metric

    from crmtenant.platform import Platform

log = structlog.get_logger(__name__)


class MetricsExporter(Collector):
    """Serves the metrics of this process and of the installation at `metrics_listen`."""

    def __init__(self, platform: Platform, listen: str) -> None:
        self._platform = platform
        host, _, port = listen.rpartition(":")
        self._host, self._port = host, int(port)
        self._running: tuple[WSGIServer, threading.Thread] | None = None

    def start(self) -> None:
        """Start serving. Raises `OperatorError` if the address cannot be listened on."""
        try:
            self._running = start_http_server(self._port, self._host)
        except OSError as problem:
            raise OperatorError(f"metrics_listen: cannot listen there: {problem.strerror}.") from None
        REGISTRY.register(self)

    def stop(self) -> None:
        """Stop serving."""
        if self._running is None:
            return
        server, thread = self._running
        self._running = None
        REGISTRY.unregister(self)
        server.shutdown()
        server.server_close()
        thread.join()

    def describe(self) -> list[Any]:
        """Return nothing, so that registering does not query the catalog."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield this process's connections and, while the catalog can be read, the installation's metrics."""
        yield GaugeMetricFamily(
            "crmtenant_connections",
            "Connections to PostgreSQL.",
            self._platform.databases.broker.open_connections,
        )
        budget = self._platform.settings.connection_budget
        yield GaugeMetricFamily("crmtenant_connection_budget", "The most there may be.", budget)
        catalog = self._platform.databases.catalog
        try:
            metrics, ranks = read_metrics(catalog), read_ranks(catalog)
        except DomainError as problem:
            log.warning("metrics_unavailable", reason=str(problem))
            return
        yield from _families("state", metrics)
        yield from _families("rank", ranks)


def _families(label: str, metrics: Iterable[tuple[str, object, float]]) -> Iterable[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for name, value_of_label, value in metrics:
        family = families.setdefault(
            name, GaugeMetricFamily(f"crmtenant_{name}", name.replace("_", " "), labels=[label])
        )
        family.add_metric([str(value_of_label)], value)
    return families.values()
