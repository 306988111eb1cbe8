"""Errors that a client or an operator can understand.

Every domain error has a stable `code` (snake_case, never reused) and a `detail` sentence, which never names a
host, a database, a role or a file. Nothing here knows HTTP: `api/web/errors.py` maps errors to statuses. The
docstrings of the domain errors are the descriptions of the responses in OpenAPI.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class FieldError:
    """One error of the input. `pointer` is a JSON pointer (RFC 6901) or the name of a parameter."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """The base class of all domain errors."""

    code: ClassVar[str] = "error"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.reason = code or self.code


class Malformed(DomainError):
    """The request cannot be parsed: its syntax or encoding is wrong, or a query parameter is unknown."""

    code = "malformed"

    def __init__(
        self, detail: str, *, code: str | None = None, field_errors: tuple[FieldError, ...] = ()
    ) -> None:
        super().__init__(detail, code=code)
        self.field_errors = field_errors


class Invalid(DomainError):
    """The request was understood, but its values are not acceptable. Lists all errors at once."""

    code = "invalid_input"

    def __init__(
        self, *field_errors: FieldError, detail: str = "The input has errors.", code: str | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.field_errors = field_errors


class NotFound(DomainError):
    """The item does not exist, or belongs to somebody else."""

    code = "not_found"

    def __init__(self, detail: str = "There is nothing at this address.") -> None:
        super().__init__(detail)


class Conflict(DomainError):
    """The request is valid, but conflicts with the current state."""

    code = "conflict"


class Stale(DomainError):
    """The item has been changed since the client read it. Contains the current item."""

    code = "stale"

    def __init__(self, current: dict[str, Any]) -> None:
        super().__init__("The item has been changed since you read it.")
        self.current = current


class Unauthenticated(DomainError):
    """No valid token was sent. The body is the same for every reason."""

    code = "invalid_token"

    def __init__(
        self,
        detail: str = "A valid access token is required.",
        *,
        code: str | None = None,
        is_of_token: bool = True,
    ) -> None:
        super().__init__(detail, code=code)
        #: whether a token was sent, and is not valid
        self.is_of_token = is_of_token


class Forbidden(DomainError):
    """The user is authenticated, but not allowed to do this."""

    code = "forbidden"

    def __init__(self, detail: str = "Your role does not allow this.", *, code: str | None = None) -> None:
        super().__init__(detail, code=code)


class TooMany(DomainError):
    """Too many attempts. Says when to try again."""

    code = "too_many_attempts"

    def __init__(self, detail: str, *, retry_after_seconds: int) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class TooLarge(DomainError):
    """More bytes, rows or parts than are accepted."""

    code = "too_large"


class Unsupported(DomainError):
    """The media type, charset or encoding is not supported."""

    code = "unsupported_media_type"


class Unavailable(DomainError):
    """This cannot be served at the moment; nothing was written. Says when to try again."""

    code = "unavailable"

    def __init__(
        self,
        detail: str = "This company is not available at the moment.",
        *,
        retry_after_seconds: int = 1,
        code: str | None = None,
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after_seconds = retry_after_seconds


class Misdirected(DomainError):
    """The host in the address is not one that is served here."""

    code = "unknown_host"


class StorageFull(DomainError):
    """There is not enough storage to write."""

    code = "storage_full"


@dataclass(frozen=True, slots=True)
class ExceededQuota:
    """Which quota has no room, how much there is, and how much there may be."""

    kind: str
    used: int
    limit: int


class QuotaExceeded(Forbidden):
    """The company has no room for more rows or seats. Reading, changing, exporting and deleting go on."""

    code = "quota_exceeded"

    def __init__(self, kind: str, used: int, limit: int, detail: str) -> None:
        super().__init__(detail)
        self.quota = ExceededQuota(kind, used, limit)


class StorageQuotaExceeded(StorageFull):
    """The company may store no more bytes. Reading, changing, exporting and deleting go on."""

    code = "quota_exceeded"

    def __init__(self, kind: str, used: int, limit: int, detail: str) -> None:
        super().__init__(detail)
        self.quota = ExceededQuota(kind, used, limit)


class SettingsError(Exception):
    """A setting is unknown, missing or malformed. The message names it and says what was expected."""


class OperatorError(Exception):
    """What an operator asked for cannot be done. The message is one sentence, shown without a traceback."""


def sentence(problem: BaseException) -> str:
    """Return the first line of the error's message."""
    return str(problem).strip().partition("\n")[0]
