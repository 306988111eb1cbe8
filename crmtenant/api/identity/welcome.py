"""What a page may show before anybody signs in, and signing in to the demo company."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.refresh_cookie import require_own_page
from crmtenant.api.identity.token_responses import client_of, signed_in_response
from crmtenant.api.web.http import json_response, read_json
from crmtenant.demo.people import EMAIL
from crmtenant.errors import NotFound
from crmtenant.resources.public import DemoSession, Welcome
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.session import OpenedByPerson
from crmtenant.schemas.identity.welcome import DemoSignInDraft, WelcomeOut
from crmtenant.services.identity.sign_ins import Account


@view_config(
    context=Welcome,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    out=WelcomeOut,
    operation="welcome",
    summary="What is available before signing in",
)
def welcome(context: Welcome, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Return the demo company if there is one, the minimum length of passwords, and whether they can be reset."""
    platform = request.registry.platform
    demo = _demo(platform)
    return json_response(
        {
            "demo": {"company": demo.company.name} if demo else None,
            "password_min_length": platform.settings.password_min_length,
            "can_reset_password": platform.mail.is_open,
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
    summary="Sign in to the demo company",
)
def sign_in(context: DemoSession, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Sign in as the owner of the demo company. There is nothing here unless the installation has one."""
    platform = request.registry.platform
    demo = _demo(platform)
    if demo is None:
        raise NotFound
    require_own_page(request)
    draft = load(DemoSignInDraft, read_json(request)) if request.body else DemoSignInDraft()
    signed_in = platform.identity.sign_ins.enter_demo(demo, client_of(request))
    return signed_in_response(request, signed_in, draft.transport)


def _demo(platform: Any) -> Account | None:
    demo: Account | None = platform.identity.accounts.demo(EMAIL) if platform.settings.demo else None
    return demo
