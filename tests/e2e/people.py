"""Companies made over the API, and people who visit the page in a browser."""

from __future__ import annotations

import json
import secrets
import time
import urllib.error
import urllib.request
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

QUIET_SECONDS, QUIET_WITHIN_SECONDS = 0.2, 30
PASSWORD = "seven green umbrellas"
# What Chromium itself says of an answer that is no success; whether it was expected is asked of the answer.
SAYS_OF_ANSWERS = "Failed to load resource"


class Company:
    """A company that has just registered, and its owner's way to the API."""

    def __init__(self, address: str, name: str = "Blue Door") -> None:
        self.address = address
        self.name = name
        self.email = f"ada-{secrets.token_hex(6)}@example.com"
        opened = self.api(
            "POST",
            "/registrations",
            {
                "company_name": name,
                "name": "Ada Berg",
                "email": self.email,
                "password": PASSWORD,
                "country": "DE",
            },
        )
        self.token: str = opened["access_token"]
        self.user_id: str = opened["user"]["id"]
        self.slug: str = opened["company"]["slug"]

    token = ""

    def api(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        """The JSON of a good answer."""
        request = urllib.request.Request(
            f"{self.address}/api{path}",
            json.dumps(body).encode() if body is not None else None,
            method=method,
        )
        request.add_header("Content-Type", "application/json")
        if token or self.token:
            request.add_header("Authorization", f"Bearer {token or self.token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            raise AssertionError(f"{method} {path}: {refusal.code} {refusal.read().decode()}") from None
        return json.loads(text) if text else None

    def contact(self, **values: Any) -> int:
        """The id of a new contact."""
        contact_id: int = self.api("POST", "/contacts", values)["id"]
        return contact_id

    def project(self, name: str = "Website") -> int:
        project_id: int = self.api("POST", "/projects", {"name": name, "status": "active"})["id"]
        return project_id

    def task(self, title: str, **values: Any) -> int:
        task_id: int = self.api("POST", "/tasks", {"title": title, **values})["id"]
        return task_id

    def joined_by(self, role: str) -> str:
        """The e-mail address of somebody who has taken up an invitation; their password is the same."""
        email = f"{role}-{secrets.token_hex(6)}@example.com"
        self.takes_in(email, role)
        return email

    def takes_in(self, email: str, role: str = "member") -> None:
        """Accept an invitation as somebody, with a login or without."""
        token = self.invited(email, role)
        self.api(
            "POST", "/invitations", {"token": token, "name": f"Kim {role.title()}", "password": PASSWORD}
        )

    def invited(self, email: str, role: str = "member") -> str:
        """The token of an invitation."""
        token: str = self.api("POST", "/members", {"email": email, "role": role})["invitation_token"]
        return token


class Visitor:
    """Somebody with a browser of their own. `allows` are statuses of answers that may come."""

    def __init__(
        self, browser: Browser, address: str, *, allows: set[int] | None = None, **options: Any
    ) -> None:
        self.address = address
        # A refresh that meets another one of the same browser is told to ask again.
        self.allows = {409} | (allows or set())
        self.field_errors: list[str] = []
        settings = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options}
        self.context: BrowserContext = browser.new_context(base_url=address, **settings)
        self.context.set_default_timeout(15_000)
        self.context.on("request", self._check_origin)
        self.context.on("response", self._check_status)
        self._under_way: set[Request] = set()
        self.context.on("request", lambda request: self._under_way.add(request))
        self.context.on("requestfinished", lambda request: self._under_way.discard(request))
        self.context.on("requestfailed", lambda request: self._under_way.discard(request))
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Another tab."""
        page = self.context.new_page()
        page.on("console", self._check_console)
        page.on("pageerror", lambda error: self.field_errors.append(f"error of the page: {error}"))
        return page

    def sign_in(self, email: str, path: str = "/") -> Page:
        """The page at this address, for this person, signed in without the form."""
        answer = self.context.request.post(
            "/api/sessions",
            data={"email": email, "password": PASSWORD},
            headers={"X-Requested-With": "tests", "Content-Type": "application/json"},
        )
        assert answer.status == 201, answer.text()
        self.context.add_init_script("localStorage.setItem('crmtenant.signed-in', '1')")
        self.page.goto(path)
        return self.page

    def wait_until_quiet(self, page: Page) -> None:
        """Waits until every request is answered and nothing that was answered has led to another one."""
        deadline = time.monotonic() + QUIET_WITHIN_SECONDS
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            assert time.monotonic() < deadline, [request.url for request in self._under_way]
            page.wait_for_timeout(20)
            if self._under_way:
                quiet_since = time.monotonic()

    def close(self) -> None:
        """Close the browser's windows. Fails for whatever went wrong in them."""
        self.context.close()
        assert not self.field_errors, "\n".join(self.field_errors)

    def _check_origin(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.field_errors.append(f"a request to elsewhere: {request.url}")

    def _check_status(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.allows:
            self.field_errors.append(f"{response.status} for {response.request.method} {response.url}")

    def _check_console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(SAYS_OF_ANSWERS):
            self.field_errors.append(f"the console says: {message.text}")
