"""What a page may say to somebody it does not know yet, and looking around in the demo company."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.refresh_cookie import require_own_page
from crmtenant.api.identity.sessions import described
from crmtenant.api.identity.token_responses import opened, own_address
from crmtenant.api.web.http import json_response, read_json
from crmtenant.demo.people import EMAIL
from crmtenant.errors import NotFound
from crmtenant.resources.public import DemoSession, Welcome
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.session import OpenedByPerson
from crmtenant.schemas.identity.welcome import DemoSignInDraft, WelcomeOut
from crmtenant.services.identity import users
from crmtenant.services.identity.rate_limits import Limit
from crmtenant.services.identity.users import Company, Person, read_email

LOOSENESS = 10
"""Looking around proves nothing and guesses nothing, so it may be done so many times as often as signing in."""


@view_config(
    context=Welcome,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    out=WelcomeOut,
    operation="welcome",
    summary="What there is for somebody who has not signed in",
)
def welcome(context: Welcome, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The demo company, if there is one, how long a password must be, and whether a forgotten one can be replaced."""
    found = _demo(request)
    demo = {"company": found[1].name} if found else None
    settings = request.registry.platform.settings
    return json_response(
        {
            "demo": demo,
            "password_min_length": settings.password_min_length,
            "can_reset_password": request.registry.platform.mailbox.is_open,
        }
    )


@view_config(
    context=DemoSession,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=DemoSignInDraft | None,
    out=OpenedByPerson,
    status=201,
    takes=("X-Requested-With",),
    gives=("Set-Cookie",),
    refuses=(403, 404, 429),
    operation="sign_in_to_demo",
    summary="Look around in the demo company",
)
def sign_in(context: DemoSession, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Tokens for the demo company's founder; nothing is there unless the installation has a demo company."""
    found = _demo(request)
    if found is None:
        raise NotFound
    require_own_page(request)
    person, company, companies = found
    draft = load(DemoSignInDraft, read_json(request)) if request.body else DemoSignInDraft()
    platform = request.registry.platform
    platform.attempts.count(_limit(platform.settings), own_address(request))
    started = platform.sessions.start(person.id, company.id, request.user_agent)
    token = platform.tokens.issue(person.id, company.id, person.token_version, session_id=started.id)
    return opened(request, token, started, draft.transport, **described(person, company, companies))


def _demo(request: Any) -> tuple[Person, Company, list[Company]] | None:
    """The demo company's founder and the companies they belong to, their own first; None without a demo."""
    platform = request.registry.platform
    if not platform.settings.demo:
        return None
    with platform.catalog.reading() as reader:
        person = users.find(reader, read_email(EMAIL).key)
        companies = users.companies_of(reader, person.id) if person else []
    if person is None or not person.is_active or not companies or companies[0].state != "active":
        return None
    return person, companies[0], companies


def _limit(settings: Any) -> Limit:
    return Limit("demo by address", settings.sign_in_attempts * LOOSENESS, settings.sign_in_window_seconds)
