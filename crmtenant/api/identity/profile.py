"""The person who is signed in: name, address, password."""

from __future__ import annotations

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.identity.authentication import prove_again
from crmtenant.api.identity.sessions import SessionViews, chosen, described
from crmtenant.api.identity.token_responses import opened
from crmtenant.api.web.http import json_response, read_json
from crmtenant.errors import FieldError, Invalid, Unauthenticated
from crmtenant.resources.public import Profile, ProfilePassword
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.profile import PasswordDraft, ProfileOut, ProfilePatch
from crmtenant.schemas.identity.registration import load_with_password
from crmtenant.schemas.identity.session import OpenedByPerson
from crmtenant.services.identity import profiles
from crmtenant.services.identity.users import Person, read_email
from crmtenant.services.mail import templates


@view_defaults(context=Profile, permission=NO_PERMISSION_REQUIRED)
class ProfileViews(SessionViews):
    """Oneself."""

    @view_config(request_method="GET", out=ProfileOut, security=("bearer",), summary="Read my profile")
    def read(self) -> Response:
        """The person."""
        return _told(self.person(self.identity.user_id))

    @view_config(
        request_method="PATCH",
        body=ProfilePatch,
        out=ProfileOut,
        security=("bearer",),
        refuses=(429,),
        summary="Change my name, my address or whether I am reminded",
    )
    def change(self) -> Response:
        """The person as they are called, reached and reminded from now on."""
        person = self.person(self.identity.user_id)
        patch = load(ProfilePatch, read_json(self.request))
        is_moving = patch.email is not None and patch.email != person.email
        if is_moving:
            self._require_password(person, patch)
        with self.platform.catalog.begin() as session:
            if patch.name is not None:
                profiles.rename(session, person.id, patch.name)
            if patch.email is not None and is_moving:
                profiles.readdress(session, person.id, read_email(patch.email))
            if patch.wants_reminders is not None:
                profiles.want_reminders(session, person.id, wanted=patch.wants_reminders)
        self.platform.directory.forget_person(person.id)
        return _told(self.person(person.id))

    def _require_password(self, person: Person, patch: ProfilePatch) -> None:
        if patch.current_password is None:
            detail = "To change the address, send your password too."
            raise Invalid(FieldError("/current_password", "required", detail))
        prove_again(self.request, person, patch.current_password)


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
    summary="Change my password; every other sign-in ends",
)
class PasswordViews(SessionViews):
    """One's password."""

    def change(self) -> Response:
        """New tokens for this sign-in; all others are over, and every access token is void."""
        identity, passwords = self.identity, self.platform.passwords
        person = self.person(identity.user_id)
        words = (person.name, person.email, identity.company_name)
        draft = load_with_password(
            PasswordDraft, read_json(self.request), passwords.field_error, *words, field="new_password"
        )
        prove_again(self.request, person, draft.current_password)
        person = self.person(person.id)  # whose hash may just have been made anew
        new_hash = passwords.hash(draft.new_password)
        with self.platform.catalog.begin() as session:
            going_on = profiles.change_password(
                session, person.id, identity.session_id, old_hash=person.password_hash, new_hash=new_hash
            )
            message = templates.password_changed(identity.language, name=person.name)
            self.platform.mailbox.put(session, message, person.email)
        self.platform.directory.forget_person(person.id)
        companies = self.companies(person.id)
        company = chosen(companies, identity.company_id)
        if company is None:
            raise Unauthenticated
        token = self.platform.tokens.issue(
            person.id, company.id, going_on.token_version, session_id=going_on.id
        )
        who = described(person, company, companies)
        return opened(self.request, token, going_on, draft.transport, **who)


def _told(person: Person) -> Response:
    return json_response(
        {
            "id": person.id,
            "name": person.name,
            "email": person.email,
            "wants_reminders": person.wants_reminders,
        }
    )
