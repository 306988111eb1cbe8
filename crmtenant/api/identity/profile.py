"""The person who is signed in: name, address, reminders, password."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.identity.device_cookie import device_headers
from crmtenant.api.identity.sessions import SessionViews
from crmtenant.api.identity.token_responses import client_of, signed_in_response
from crmtenant.api.web.http import json_response, read_json
from crmtenant.resources.public import Profile, ProfilePassword
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.profile import PasswordDraft, ProfileOut, ProfilePatch, dump_profile
from crmtenant.schemas.identity.registration import load_with_password
from crmtenant.schemas.identity.session import OpenedByPerson
from crmtenant.services.profiles.profiles import PasswordChange, ProfileChange


@view_defaults(context=Profile, permission=NO_PERMISSION_REQUIRED)
class ProfileViews(SessionViews):
    """One's own profile."""

    @view_config(request_method="GET", out=ProfileOut, security=("bearer",), summary="Read my profile")
    def read(self) -> Response:
        """Return the person."""
        profiles = self.request.registry.platform.identity.profiles
        return json_response(dump_profile(profiles.get(self.identity.user_id)))

    @view_config(
        request_method="PATCH",
        body=ProfilePatch,
        out=ProfileOut,
        security=("bearer",),
        refuses=(409, 429),
        summary="Change my name, e-mail address or reminders",
    )
    def change(self) -> Response:
        """Change the profile and return the person."""
        user_id = self.identity.user_id
        patch = load(ProfilePatch, read_json(self.request))
        change = ProfileChange(patch.name, patch.email, patch.wants_reminders, patch.current_password)
        profiles = self.request.registry.platform.identity.profiles
        return json_response(dump_profile(profiles.change(user_id, change, client_of(self.request))))


@view_config(
    context=ProfilePassword,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    attr="change",
    body=PasswordDraft,
    out=OpenedByPerson,
    status=201,
    security=("bearer",),
    gives=("Set-Cookie",),
    refuses=(429,),
    operation="change_password",
    summary="Change my password and sign out everywhere else",
)
class PasswordViews(SessionViews):
    """One's password."""

    def change(self) -> Response:
        """Change the password and issue new tokens for this sign-in; all others end."""
        identity, room = self.identity, self.request.registry.platform.identity
        client = client_of(self.request)
        draft = load_with_password(
            PasswordDraft,
            read_json(self.request),
            room.password_choices.judge_for(client),
            *(identity.person_name, identity.email, identity.company_name),
            field="new_password",
        )
        change = PasswordChange(
            current_password=draft.current_password,
            new_password=draft.new_password,
            session_id=identity.session_id,
            company_id=identity.company_id,
            language=identity.language,
        )
        signed_in = room.profiles.change_password(identity.user_id, change, client)
        known = device_headers(self.request, signed_in, draft.transport)
        return signed_in_response(self.request, signed_in, draft.transport, known)
