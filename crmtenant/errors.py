"""What can go wrong in the domain, in words a client may read.

Every error carries a stable `code` (snake_case, never reused) and a `detail` sentence. Nothing here knows
HTTP; `api/web/errors.py` alone decides which status an error becomes. No detail ever names a host, a database,
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
    """The base of all domain errors."""

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
    """The request can be read, but what it says is not acceptable. Carries every field error at once."""

    code = "invalid_input"

    def __init__(
        self, *field_errors: FieldError, detail: str = "The input has errors.", code: str | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.field_errors = field_errors


class NotFound(DomainError):
    """There is no such thing, or it belongs to somebody else."""

    code = "not_found"

    def __init__(self, detail: str = "There is nothing here.") -> None:
        super().__init__(detail)


class Conflict(DomainError):
    """The request conflicts with the current state."""

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
    """The person is authenticated but not permitted."""

    code = "forbidden"

    def __init__(self, detail: str = "Your role does not allow this.", *, code: str | None = None) -> None:
        super().__init__(detail, code=code)


class TooMany(DomainError):
    """Too many attempts. Carries when to try again."""

    code = "too_many_attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(DomainError):
    """More bytes, rows or parts than allowed."""

    code = "too_large"


class Unsupported(DomainError):
    """A media type, charset or encoding that is not supported."""

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
    """The storage is full."""

    code = "storage_full"


class SettingsError(Exception):
    """A setting is unknown, missing or malformed. The message names it and what was expected."""


class OperatorError(Exception):
    """Something an operator asked for cannot be done. One sentence, no traceback."""


def sentence(problem: BaseException) -> str:
    """Return the first line of the error's message."""
    return str(problem).strip().partition("\n")[0]
