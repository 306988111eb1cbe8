"""People as they come over HTTP."""

from __future__ import annotations

import secrets
from typing import Any

from webtest import TestApp, TestResponse

from crmtenant import make_app
from crmtenant.platform import Platform

PASSWORD = "vier grüne Fahrräder"
HEADERS = {"X-Requested-With": "crmtenant"}


class Client:
    """Somebody with a browser or a program, at an address of their own."""

    def __init__(self, platform: Platform, **environ: str) -> None:
        octets = secrets.token_bytes(3)
        address = f"10.{octets[0]}.{octets[1]}.{octets[2]}"
        self.platform = platform
        self.app = TestApp(
            make_app(platform),
            extra_environ={"REMOTE_ADDR": address, "HTTP_HOST": "localhost", **environ},
        )
        self.token: str | None = None

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """The answer, whatever its status; with the token, unless `token` says otherwise."""
        headers = dict(options.pop("headers", {}))
        token = options.pop("token", self.token)
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if body is None:
            return self.app.request(path, method=method, headers=headers, expect_errors=True, **options)
        send = getattr(self.app, f"{method.lower()}_json")
        return send(path, body, headers=headers, expect_errors=True, **options)

    def keep(self, response: TestResponse) -> TestResponse:
        """The same answer; its token is used from now on."""
        assert response.status_int == 201, response.text
        self.token = response.json["access_token"]
        return response

    def register(self, **changes: Any) -> TestResponse:
        """A new company and its owner, signed in."""
        email = f"{secrets.token_hex(8)}@example.com"
        body = {"company_name": "Northwind", "name": "Anna Berg", "email": email, "password": PASSWORD}
        return self.keep(self.call("POST", "/api/registrations", {**body, **changes}, token=None))

    def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> TestResponse:
        """Whatever comes of it."""
        body = {"email": email, "password": password, **more}
        return self.call("POST", "/api/sessions", body, token=None)

    def refresh(self, **options: Any) -> TestResponse:
        """Whatever comes of it, by the cookie."""
        headers = options.pop("headers", HEADERS)
        return self.call("POST", "/api/sessions/refresh", headers=headers, token=None, **options)

    def who(self, token: str | None = None) -> TestResponse:
        """GET /api, with this token or the client's."""
        return self.call("GET", "/api", token=token or self.token)
