"""What never reaches the application, and how it is refused."""

from __future__ import annotations

import json
import secrets

from waitress.task import ErrorTask
from waitress.utilities import Error

_TITLES = {431: "Request Header Fields Too Large", 413: "Content Too Large"}
_CODES = {
    400: ("malformed", "The request cannot be read as HTTP."),
    413: ("too_large", "The body is larger than anything that is accepted here."),
    429: ("too_many_attempts", "Too many requests are waiting. Try again in a moment."),
    431: ("headers_too_large", "The headers of the request are too large."),
    503: ("unavailable", "Imports and exports of others are still running. Try again in a moment."),
    501: ("not_implemented", "This transfer coding is not supported."),
}
_FAULT = ("internal_error", "Something went wrong on our side; it has been logged.")


class ComeBack(Error):
    """The client may try again, after so many seconds."""

    retry_after: int

    def __init__(self) -> None:
        super().__init__("")


class TooManyWaiting(ComeBack):
    """An asker has more requests waiting than it may have."""

    code = 429
    reason = "Too Many Requests"
    retry_after = 1


class WaitedTooLong(ComeBack):
    """Long work has not had its turn in time."""

    code = 503
    reason = "Service Unavailable"
    retry_after = 10


class ProblemTask(ErrorTask):
    """Answers what never reached the application with a problem document (RFC 9457), and closes the connection."""

    def execute(self) -> None:
        """Write the response."""
        error = self.request.error
        code, detail = _CODES.get(error.code, _FAULT)
        title = _TITLES.get(error.code, error.reason)
        document = {
            "type": f"urn:crmtenant:problem:{code}",
            "title": title,
            "status": error.code,
            "detail": detail,
            "code": code,
            "request_id": secrets.token_hex(8),
        }
        body = json.dumps(document).encode()
        self.status = f"{error.code} {title}"
        headers = [("Content-Type", "application/problem+json"), ("Cache-Control", "no-store")]
        if isinstance(error, ComeBack):
            headers.append(("Retry-After", str(error.retry_after)))
        self.response_headers.extend([*headers, *self.channel.server.headers_of_errors])
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)
