"""The limit of a company's requests a second, where the settings have one.

It is counted in each process by itself. Only what needs a permission counts, not the public places that a person needs
to sign in or out. Every answer that counts says how much is left (draft-ietf-httpapi-ratelimit-headers-10).
"""

from __future__ import annotations

from math import ceil
from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.viewderivers import INGRESS

from crmtenant.errors import TooMany
from crmtenant.token_buckets import TokenBuckets

POLICY = '"company"'


def limited_by(buckets: TokenBuckets) -> Any:
    """Return the deriver of views that each take a token of their company's bucket."""
    policy = ("RateLimit-Policy", f"{POLICY};q={buckets.burst};w={buckets.seconds_to_fill}")

    def limited(view: Any, info: Any) -> Any:
        if info.exception_only or info.options.get("permission") == NO_PERMISSION_REQUIRED:
            return view

        def wrapped(context: Any, request: Any) -> Response:
            identity = request.root.identity
            if identity is None:
                return view(context, request)
            left = buckets.take(identity.company_id)
            wait_seconds = max(1, ceil(-left))
            standing = ("RateLimit", f"{POLICY};r={max(0, int(left))};t={wait_seconds}")
            # So that errors say it too.
            request.add_response_callback(lambda _, response: response.headerlist.extend((policy, standing)))
            if left < 0:
                raise _limited(wait_seconds)
            return view(context, request)

        return wrapped

    return limited


def _limited(wait_seconds: int) -> TooMany:
    detail = "Your company has made too many requests in a short time. Try again in a moment."
    return TooMany(detail, retry_after_seconds=wait_seconds, code="too_many_requests")


def includeme(config: Any) -> None:
    """Limit every view that needs a permission."""
    settings = config.registry.platform.settings
    if settings.company_requests_per_second is not None:
        buckets = TokenBuckets(settings.company_requests_per_second, settings.company_request_burst)
        config.add_view_deriver(limited_by(buckets), name="request_limit", under=INGRESS, over="secured_view")
