"""Number and duration of requests, by context, view, method and status; never by company or address."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import Histogram, values
from pyramid.tweens import INGRESS

REQUESTS = Histogram(
    "crmtenant_request_seconds",
    "Time until a request was answered.",
    ("context", "view", "method", "status"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@contextmanager
def counted_together() -> Iterator[None]:
    """Let the processes that are forked within the with block count in files, of which one of them tells the sums.

    It is the multiprocess mode of prometheus_client, which it chooses itself only where it is imported. Nothing may have
    been counted before.
    """
    directory = tempfile.mkdtemp(prefix="crmtenant-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = directory
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def includeme(config: Any) -> None:
    """Count every request."""
    config.add_tween("crmtenant.api.metrics.tween_factory", under=INGRESS)


def tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:  # noqa: ARG001 (Pyramid's)
    """Wrap the handler so that its duration is measured."""

    def measured(request: Any) -> Any:
        began_at = time.perf_counter()
        response = handler(request)
        context = getattr(request, "context", None)
        REQUESTS.labels(
            type(context).__name__,
            getattr(request, "view_name", "") or "",
            request.method if request.method in _METHODS else "other",
            str(response.status_int),
        ).observe(time.perf_counter() - began_at)
        return response

    return measured
