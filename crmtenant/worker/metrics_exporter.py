"""Metrics for Prometheus, on an address of their own that is not public."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from crmtenant.errors import DomainError, OperatorError
from crmtenant.services.fleet.server_space import read_space
from crmtenant.services.monitoring.metrics import read_metrics
from crmtenant.services.monitoring.top_companies import read_ranks

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

    from prometheus_client import Metric

    from crmtenant.platform import Platform

log = structlog.get_logger(__name__)


class MetricsExporter(Collector):
    """Serves the metrics of this process, or of all that serve, and of the installation at `metrics_listen`."""

    def __init__(self, platform: Platform, listen: str) -> None:
        self._platform = platform
        host, _, port = listen.rpartition(":")
        self._host, self._port = host, int(port)
        self._running: tuple[WSGIServer, threading.Thread] | None = None

    def start(self) -> None:
        """Start serving. Raises `OperatorError` if the address cannot be listened on."""
        self._registry = self._registry_to_serve()
        try:
            self._running = start_http_server(self._port, self._host, self._registry)
        except OSError as problem:
            raise OperatorError(f"metrics_listen: cannot listen there: {problem.strerror}.") from None
        self._registry.register(self)

    def stop(self) -> None:
        """Stop serving."""
        if self._running is None:
            return
        server, thread = self._running
        self._running = None
        self._registry.unregister(self)
        server.shutdown()
        server.server_close()
        thread.join()

    def describe(self) -> list[Any]:
        """Return nothing, so that registering does not query the catalog."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Yield the processes' connections and, while the catalog can be read, the installation's metrics."""
        yield from self._connections()
        budget = self._platform.settings.connection_budget
        yield GaugeMetricFamily("crmtenant_connection_budget", "The most there may be.", budget)
        catalog = self._platform.databases.catalog
        try:
            metrics, ranks, space = read_metrics(catalog), read_ranks(catalog), read_space(catalog)
        except DomainError as problem:
            log.warning("metrics_unavailable", reason=str(problem))
            return
        yield from _families("state", metrics)
        yield from _families("rank", ranks)
        full = (("server_full", one.name, float(one.is_full)) for one in space)
        free = (
            ("server_free_bytes", one.name, float(one.free_bytes))
            for one in space
            if one.free_bytes is not None
        )
        yield from _families("server", (*full, *free))

    def _registry_to_serve(self) -> CollectorRegistry:
        if self._platform.processes is None:
            return REGISTRY
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return registry

    def _connections(self) -> Iterator[Metric]:
        processes = list(self._platform.processes.figures()) if self._platform.processes else []
        yield GaugeMetricFamily(
            "crmtenant_connections",
            "Connections to PostgreSQL.",
            self._platform.databases.broker.open_connections + sum(each.database for each in processes),
        )
        if processes:
            clients = GaugeMetricFamily(
                "crmtenant_client_connections", "Connections of clients.", labels=["process"]
            )
            for each in processes:
                clients.add_metric([str(each.number)], each.clients)
            yield clients


def _families(label: str, metrics: Iterable[tuple[str, object, float]]) -> Iterable[Metric]:
    families: dict[str, GaugeMetricFamily] = {}
    for name, value_of_label, value in metrics:
        family = families.setdefault(
            name, GaugeMetricFamily(f"crmtenant_{name}", name.replace("_", " "), labels=[label])
        )
        family.add_metric([str(value_of_label)], value)
    return families.values()
