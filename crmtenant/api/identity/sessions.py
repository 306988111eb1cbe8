"""Signing in, staying signed in, going over to another company, signing out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.identity.authentication import authenticate, wrong
from crmtenant.api.identity.refresh_cookie import clearing_header, refresh_cookie
from crmtenant.api.identity.token_responses import opened, token_document, token_response
from crmtenant.api.web.http import json_response, no_content, read_json
from crmtenant.errors import NotFound, Unauthenticated
from crmtenant.resources.public import (
    CurrentSession,
    OneSession,
    RefreshSession,
    Sessions,
    SwitchSession,
)
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.session import (
    OpenedByPerson,
    RefreshDraft,
    SignInDraft,
    SignInsOut,
    SwitchDraft,
    dump_companies,
    dump_sign_in,
)
from crmtenant.services.identity import users
from crmtenant.services.identity.access import suspended
from crmtenant.services.identity.users import Company, Person


class SessionViews:
    """What the views of sign-ins share. Whoever is signed in may do all of this with their own sign-ins, in
    whatever role, so no permission is asked for; `identity` raises for those who are not."""

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.platform = request.registry.platform

    @property
    def identity(self) -> Any:
        """Who asks; raises why nobody does."""
        return self.context.tenant.identity

    def companies(self, user_id: str) -> list[Company]:
        """The companies the person belongs to."""
        with self.platform.catalog.reading() as reader:
            return users.companies_of(reader, user_id)

    def person(self, user_id: str) -> Person:
        """The person, as the catalog knows them now."""
        with self.platform.catalog.reading() as reader:
            person = users.find_by_id(reader, user_id)
        if person is None:
            raise Unauthenticated
        return person


@view_defaults(context=Sessions, permission=NO_PERMISSION_REQUIRED)
class SignInViews(SessionViews):
    """Signing in; one's own sign-ins."""

    @view_config(
        request_method="POST",
        body=SignInDraft,
        out=OpenedByPerson,
        status=201,
        gives=("Set-Cookie",),
        refuses=(401, 403, 429),
        operation="sign_in",
        summary="Sign in",
    )
    def sign_in(self) -> Response:
        """Tokens for one of the person's companies."""
        draft = load(SignInDraft, read_json(self.request))
        person = authenticate(self.request, draft.email, draft.password)
        companies = self.companies(person.id)
        company = chosen(companies, draft.company)
        if company is None:
            raise wrong()
        if company.state == "suspended":
            raise suspended()
        started = self.platform.sessions.start(person.id, company.id, self.request.user_agent)
        token = self.platform.tokens.issue(person.id, company.id, person.token_version, session_id=started.id)
        return opened(self.request, token, started, draft.transport, **described(person, company, companies))

    @view_config(
        request_method="GET", out=SignInsOut, security=("bearer",), summary="List where I am signed in"
    )
    def list(self) -> Response:
        """Every live sign-in of the person, the last used first."""
        identity = self.identity
        sign_ins = self.platform.sessions.of_person(identity.user_id)
        return json_response({"items": [dump_sign_in(sign_in, identity.session_id) for sign_in in sign_ins]})

    @view_config(
        request_method="DELETE",
        status=204,
        security=("bearer",),
        gives=("Set-Cookie",),
        operation="sign_out_everywhere",
        summary="Sign out everywhere",
    )
    def sign_out_everywhere(self) -> Response:
        """Nothing; every sign-in is over and every access token void."""
        user_id = self.identity.user_id
        self.platform.sessions.end_all(user_id)
        self.platform.directory.forget_person(user_id)
        return no_content([clearing_header(self.request)])


@view_defaults(context=RefreshSession, permission=NO_PERMISSION_REQUIRED)
class RefreshViews(SessionViews):
    """Staying signed in."""

    @view_config(
        request_method="POST",
        body=RefreshDraft | None,
        out=OpenedByPerson,
        status=201,
        security=("refresh_cookie", None),
        takes=("X-Requested-With",),
        gives=("Set-Cookie",),
        refuses=(401, 403),
        operation="refresh_session",
        summary="Renew the access token",
    )
    def refresh(self) -> Response:
        """A new access token and the next refresh token, by the road the last one came."""
        token, transport = self._refresh_token()
        rotated = self.platform.sessions.rotate(token)
        person = self.person(rotated.user_id)
        companies = self.companies(person.id)
        company = chosen(companies, rotated.tenant_id)
        if company is None:
            raise Unauthenticated
        access_token = self.platform.tokens.issue(
            person.id, company.id, rotated.token_version, session_id=rotated.id
        )
        who = described(person, company, companies)
        return opened(self.request, access_token, rotated, transport, **who)

    def _refresh_token(self) -> tuple[str, str]:
        draft = load(RefreshDraft, read_json(self.request)) if self.request.body else RefreshDraft()
        if draft.refresh_token is not None:
            return draft.refresh_token, "body"
        token = refresh_cookie(self.request)
        if token is None:
            raise Unauthenticated("A valid refresh token is required.", code="invalid_refresh_token")
        return token, "cookie"


@view_config(
    context=SwitchSession,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    attr="switch",
    body=SwitchDraft,
    out=OpenedByPerson,
    status=201,
    security=("bearer",),
    refuses=(404,),
    operation="switch_company",
    summary="Go over to another company",
)
class SwitchViews(SessionViews):
    """Going over to another company."""

    def switch(self) -> Response:
        """A token for the other company; the sign-in is about it from now on."""
        identity = self.identity
        draft = load(SwitchDraft, read_json(self.request))
        companies = self.companies(identity.user_id)
        company = chosen(companies, draft.company)
        if company is None:
            raise NotFound
        if company.state == "suspended":
            raise suspended()
        person = self.person(identity.user_id)
        self.platform.sessions.move(identity.session_id, person.id, company.id)
        token = self.platform.tokens.issue(
            person.id, company.id, person.token_version, session_id=identity.session_id
        )
        return token_response(token_document(self.request, token, **described(person, company, companies)))


@view_config(
    context=CurrentSession,
    request_method="DELETE",
    permission=NO_PERMISSION_REQUIRED,
    attr="sign_out",
    status=204,
    security=("bearer", "refresh_cookie"),
    takes=("X-Requested-With",),
    gives=("Set-Cookie",),
    operation="sign_out",
    summary="Sign out here",
)
class CurrentViews(SessionViews):
    """The sign-in of this device."""

    def sign_out(self) -> Response:
        """Nothing; the sign-in is over, and the cookie gone. A token or the cookie says which one."""
        identity = getattr(self.request.root, "identity", None)
        if identity is not None:
            self.platform.sessions.end(identity.session_id, identity.user_id)
            self.platform.directory.forget_person(identity.user_id)
        token = refresh_cookie(self.request, is_ours=identity is not None)
        if token is not None:
            self._end_by_cookie(token)
        elif identity is None:
            raise self.request.root.refusal
        return no_content([clearing_header(self.request)])

    def _end_by_cookie(self, token: str) -> None:
        user_id = self.platform.sessions.end_by_token(token)
        if user_id is not None:
            self.platform.directory.forget_person(user_id)


@view_config(
    context=OneSession,
    request_method="DELETE",
    permission=NO_PERMISSION_REQUIRED,
    attr="sign_out",
    status=204,
    security=("bearer",),
    operation="sign_out_of_session",
    summary="Sign out of one of my devices",
)
class OneViews(SessionViews):
    """One of the person's sign-ins."""

    def sign_out(self) -> Response:
        """Nothing; that sign-in is over."""
        user_id = self.identity.user_id
        self.platform.sessions.end_own(self.context.__name__, user_id)
        self.platform.directory.forget_person(user_id)
        return no_content()


def chosen(companies: Sequence[Company], wanted: str | None) -> Company | None:
    """The company with this id or slug; without one, the first that is not suspended, or the first."""
    if wanted is not None:
        return next((company for company in companies if wanted in {company.id, company.slug}), None)
    active = [company for company in companies if company.state == "active"]
    return next(iter([*active, *companies]), None)


def described(person: Person, company: Company, companies: list[Company]) -> dict[str, Any]:
    """Whose a token is, and for which of their companies."""
    return {
        "user": {"id": person.id, "name": person.name, "email": person.email},
        "company": {"id": company.id, "name": company.name, "slug": company.slug},
        "role": company.role,
        "companies": dump_companies(companies),
    }
