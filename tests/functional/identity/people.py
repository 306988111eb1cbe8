"""People as they come over HTTP."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any

from sqlalchemy import select
from webtest import TestApp, TestResponse

from crmtenant import make_app
from crmtenant.db.schema.migrations import head
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Membership, Server, Tenant
from crmtenant.platform import Platform
from crmtenant.security.passwords import Passwords
from crmtenant.services.identity import users
from crmtenant.services.identity.users import read_email
from tests.functional.hashing import quick

PASSWORD = "vier grüne Fahrräder"
HEADERS = {"X-Requested-With": "crmtenant"}


@cache
def password_hash() -> str:
    """The hash of everybody's password."""
    return quick(Passwords(min_length=12, parallel=1)).hash(PASSWORD)


@cache
def app_of(platform: Platform) -> Any:
    """The application over this platform, made once."""
    return make_app(platform)


class Client:
    """Somebody with a browser or a program, at an address of their own."""

    def __init__(self, platform: Platform, **environ: str) -> None:
        octets = secrets.token_bytes(3)
        address = f"10.{octets[0]}.{octets[1]}.{octets[2]}"
        self.platform = platform
        self.app = TestApp(
            app_of(platform),
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

    def found(self, company_name: str = "Northwind") -> TestResponse:
        """The same without a database: a company that is only written down, and its owner, signed in."""
        email = f"{secrets.token_hex(8)}@example.com"
        with self.platform.databases.catalog.begin() as session:
            user_id = users.create(
                session, email=read_email(email), name="Anna Berg", password_hash=password_hash()
            )
            server_id = session.scalars(select(Server.id)).first()
            tenant_id = new_id("c")
            session.add(
                Tenant(
                    id=tenant_id,
                    slug=tenant_id.replace("_", "-"),
                    name=company_name,
                    state="active",
                    schema_revision=head("tenant"),
                    server_id=server_id,
                    database=new_id("t"),
                )
            )
            session.flush()
            session.add(Membership(user_id=user_id, tenant_id=tenant_id, role="owner"))
        return self.keep(self.sign_in(email))

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

    def take_in(self, email: str, role: str = "member") -> TestResponse:
        """The answer that somebody with this address hears who takes up an invitation of this client's."""
        invited = self.call("POST", "/api/members", {"email": email, "role": role})
        assert invited.status_int == 201, invited.text
        body = {"token": invited.json["invitation_token"], "name": "Anna Berg", "password": PASSWORD}
        accepted = Client(self.platform).call("POST", "/api/invitations", body)
        assert accepted.status_int == 201, accepted.text
        return accepted
