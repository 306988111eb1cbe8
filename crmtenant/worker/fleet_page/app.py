"""The WSGI application of the fleet's page: six addresses, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hmac import compare_digest
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

import structlog

from crmtenant.db.errors import RECOVERABLE_ERRORS
from crmtenant.errors import TooMany
from crmtenant.services.identity.operator_accounts import OperatorAccounts
from crmtenant.services.monitoring.fleet_state import Fleet
from crmtenant.worker.fleet_page.pages import fleet_page
from crmtenant.worker.fleet_page.sign_in_page import sign_in_page
from crmtenant.worker.fleet_page.sign_ins import LONGEST_SECONDS, SignIns
from crmtenant.worker.fleet_page.view import read_view
from crmtenant.worker.fleet_page.words import words_for

COOKIE = "fleet"
MOST_BYTES = 4096
_SHOWN_LETTERS = 100
_SITES = frozenset({"", "same-origin", "none"})
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self';"
    " frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = [
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", _POLICY),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # Not no-referrer, with which a form's Origin is null.
    ("Referrer-Policy", "same-origin"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
]
_OWN = files("crmtenant") / "pages"
_FILES = {
    "/fleet.css": ("text/css; charset=utf-8", _OWN / "fleet" / "fleet.css"),
    "/fleet.js": ("text/javascript; charset=utf-8", _OWN / "fleet" / "fleet.js"),
    "/icon.svg": ("image/svg+xml", _OWN / "assets" / "icon.svg"),
}

Start = Callable[[str, list[tuple[str, str]]], Any]
Environ = dict[str, Any]

log = structlog.get_logger(__name__)


class FleetPage:
    """Answers requests; `look` returns the fleet."""

    def __init__(
        self, accounts: OperatorAccounts, look: Callable[[], Fleet], sign_ins: SignIns | None = None
    ) -> None:
        self._accounts = accounts
        self._look = look
        self._sign_ins = sign_ins or SignIns()

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer one request."""
        try:
            status, headers, body = self._answer(environ)
        except RECOVERABLE_ERRORS:
            log.exception("fleet_page_failed")
            status, headers, body = _text(
                "503 Service Unavailable", "The catalog cannot be read at the moment."
            )
        start(status, [*headers, *_HEADERS, ("Content-Length", str(len(body)))])
        return [body] if environ["REQUEST_METHOD"] != "HEAD" else []

    def _answer(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "/")
        if method in {"GET", "HEAD"} and path in _FILES:
            media_type, file = _FILES[path]
            return "200 OK", [("Content-Type", media_type)], file.read_bytes()
        if method in {"GET", "HEAD"} and path == "/":
            return self._fleet(environ)
        if method == "POST" and path in {"/sign-in", "/sign-out"}:
            if not _is_own(environ):
                return _text("403 Forbidden", "Only this page itself may do that.")
            return self._sign_in(environ) if path == "/sign-in" else self._sign_out(environ)
        return _text("404 Not Found", "There is nothing here.")

    def _fleet(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        words = words_for(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        account = self._account(environ)
        if account is None:
            return _html(sign_in_page(words))
        return _html(fleet_page(self._look(), words, account, read_view(environ.get("QUERY_STRING", ""))))

    def _sign_in(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        words = words_for(environ.get("HTTP_ACCEPT_LANGUAGE", ""))
        given = _form(environ)
        name, password = given.get("name", "").strip(), given.get("password", "")
        try:
            is_right = self._accounts.is_right(name, password, environ.get("REMOTE_ADDR", ""))
        except TooMany as problem:
            retry = ("Retry-After", str(problem.retry_after_seconds))
            return _html(sign_in_page(words, problem="too_many", name=name), "429 Too Many Requests", retry)
        mark = self._accounts.mark(name) if is_right else None
        log.info("fleet_sign_in", account=name[:_SHOWN_LETTERS], is_right=is_right)
        if mark is None:
            return _html(sign_in_page(words, problem="wrong", name=name), "403 Forbidden")
        return _home(_cookie(self._sign_ins.begin(name, mark), LONGEST_SECONDS))

    def _sign_out(self, environ: Environ) -> tuple[str, list[tuple[str, str]], bytes]:
        self._sign_ins.end(_token(environ))
        return _home(_cookie("", 0))

    def _account(self, environ: Environ) -> str | None:
        """Return who is signed in; nobody any more whose account was removed, or has another password."""
        found = self._sign_ins.find(_token(environ))
        if found is None:
            return None
        mark = self._accounts.mark(found.account)
        return found.account if mark is not None and compare_digest(mark, found.mark) else None


def _is_own(environ: Environ) -> bool:
    """Return whether the request comes from a page of ours: a foreign one could sign somebody in or out."""
    origin, host = environ.get("HTTP_ORIGIN"), environ.get("HTTP_HOST", "")
    is_own_origin = origin is None or origin.partition("://")[2] == host
    return is_own_origin and environ.get("HTTP_SEC_FETCH_SITE", "") in _SITES


def _form(environ: Environ) -> dict[str, str]:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return {}
    body: bytes = environ["wsgi.input"].read(int(length))
    return dict(parse_qsl(body.decode("utf-8", "replace"), errors="replace"))


def _token(environ: Environ) -> str:
    pairs = (pair.strip().partition("=") for pair in environ.get("HTTP_COOKIE", "").split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")


def _cookie(value: str, max_age_seconds: int) -> tuple[str, str]:
    return "Set-Cookie", f"{COOKIE}={value}; Path=/; Max-Age={max_age_seconds}; HttpOnly; SameSite=Strict"


def _home(*headers: tuple[str, str]) -> tuple[str, list[tuple[str, str]], bytes]:
    return "303 See Other", [("Location", "/"), *headers], b""


def _html(
    text: str, status: str = "200 OK", *headers: tuple[str, str]
) -> tuple[str, list[tuple[str, str]], bytes]:
    return status, [("Content-Type", "text/html; charset=utf-8"), *headers], text.encode()


def _text(status: str, text: str) -> tuple[str, list[tuple[str, str]], bytes]:
    return status, [("Content-Type", "text/plain; charset=utf-8")], text.encode()
