"""Counts for each company what its requests use: threads, PostgreSQL, bytes.

An answer that is sent while it is read, such as an export, is counted when it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from crmtenant.db.pool.timing import WAITING
from crmtenant.services.monitoring.usage import Use

#: A server error is one of ours, but not that a company has no more storage.
_SERVER_ERROR, _STORAGE = 500, 507


def tween_factory(handler: Callable[[Any], Any], registry: Any) -> Callable[[Any], Any]:
    """Return the tween that counts every request of a company."""

    def counted(request: Any) -> Any:
        began_at, waited, slow = perf_counter(), WAITING.seconds, WAITING.slow_statements
        response = handler(request)
        company_id = _company_of(request, response.status_int)
        if company_id is None:
            return response
        use = Use(
            1,
            int(_is_error(response.status_int)),
            WAITING.slow_statements - slow,
            request.content_length or 0,
            0,
            perf_counter() - began_at,
            WAITING.seconds - waited,
        )
        usage = registry.platform.tenants.usage
        if type(response.app_iter) is list:
            use.bytes_out = sum(map(len, response.app_iter))
            usage.count(company_id, use)
        else:
            length = response.content_length  # which webob forgets with every other iterable
            response.app_iter = _Counted(response.app_iter, use, lambda: usage.count(company_id, use))
            response.content_length = length
        return response

    return counted


def _is_error(status: int) -> bool:
    return status >= _SERVER_ERROR and status != _STORAGE


def _company_of(request: Any, status: int) -> str | None:
    """Return whose request it was. One that failed before that was known is the company's whose the token was before."""
    root = getattr(request, "root", None)
    identity = getattr(root, "identity", None)
    if identity is not None:
        company_id: str = identity.company_id
        return company_id
    authorization = request.environ.get("HTTP_AUTHORIZATION") if _is_error(status) else None
    return request.registry.platform.company_of(authorization) if authorization else None


class _Counted:
    """An answer that is being sent; `done` is called once, when it was."""

    def __init__(self, parts: Iterable[bytes], use: Use, done: Callable[[], None]) -> None:
        self._parts = parts
        self._use = use
        self._done: Callable[[], None] | None = done

    def __iter__(self) -> Iterator[bytes]:
        parts, use = iter(self._parts), self._use
        while True:
            began_at, waited, slow = perf_counter(), WAITING.seconds, WAITING.slow_statements
            part = next(parts, None)
            use.thread_seconds += perf_counter() - began_at
            use.database_seconds += WAITING.seconds - waited
            use.slow_statements += WAITING.slow_statements - slow
            if part is None:
                return
            use.bytes_out += len(part)
            yield part

    def close(self) -> None:
        """Count it, and close what was sent."""
        if self._done is not None:
            self._done()
            self._done = None
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


def includeme(config: Any) -> None:
    """Count every request, its commit included."""
    config.add_tween(
        "crmtenant.api.web.usage.tween_factory",
        under="crmtenant.api.web.guard.guard_factory",
        over="pyramid_tm.tm_tween_factory",
    )
