"""What can go wrong in the domain, told in words a client may read.

Every error carries a stable `code` (snake_case, never reused) and a `detail` sentence. Nothing here knows
HTTP; `api/errors.py` alone decides which status an error becomes. No detail ever names a host, a database,
a role, a file or a stack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with the input: a JSON pointer (RFC 6901) or parameter name, a code, a sentence."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """The base of everything the domain refuses."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = code or self.code


class Malformed(DomainError):
    """The request cannot be read at all: syntax, encoding, an unknown query parameter."""

    code = "malformed"

    def __init__(
        self, detail: str, *, code: str | None = None, field_errors: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(detail, code=code)
        self.field_errors = field_errors


class Invalid(DomainError):
    """The request can be read, but what it says is not acceptable. Carries every fault at once."""

    code = "invalid_input"

    def __init__(
        self, *field_errors: FieldError, detail: str = "The input has faults.", code: str | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.field_errors = field_errors


class NotFound(DomainError):
    """There is no such thing, or it is somebody else's."""

    code = "not_found"

    def __init__(self, detail: str = "There is nothing here.") -> None:
        super().__init__(detail)


class Conflict(DomainError):
    """The request is fine, but not in the present state of things."""

    code = "conflict"


class Stale(DomainError):
    """The item was changed since the client read it. Carries the item as it is now."""

    code = "stale"

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__("The item has been changed since you read it.")
        self.current = current


class Unauthenticated(DomainError):
    """No valid token. One body for every reason."""

    code = "invalid_token"

    def __init__(self, detail: str = "A valid access token is required.", *, code: str | None = None) -> None:
        super().__init__(detail, code=code)


class Forbidden(DomainError):
    """We know who asks, and they may not."""

    code = "forbidden"

    def __init__(self, detail: str = "Your role does not allow this.", *, code: str | None = None) -> None:
        super().__init__(detail, code=code)


class TooMany(DomainError):
    """Asked too often. Carries when to try again."""

    code = "too_many_attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(DomainError):
    """More bytes, rows or parts than we accept."""

    code = "too_large"


class Unsupported(DomainError):
    """A media type, charset or encoding we do not speak."""

    code = "unsupported_media_type"


class Unavailable(DomainError):
    """We cannot serve this now; nothing was written. Carries when to try again."""

    code = "unavailable"

    def __init__(
        self,
        detail: str = "This company cannot be served at the moment.",
        *,
        retry_after_seconds: int = 1,
        code: str | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class StorageFull(DomainError):
    """There is no room to write."""

    code = "storage_full"


class SettingsError(Exception):
    """A setting is unknown, missing or malformed. The message names it and what was expected."""


class OperatorError(Exception):
    """Something an operator asked for cannot be done. One sentence, no traceback."""


def sentence(problem: BaseException) -> str:
    """The first line of what went wrong."""
    return str(problem).strip().partition("\n")[0]
