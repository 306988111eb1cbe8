"""Registering a company, and taking up an invitation to one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.identity.authentication import authenticate
from crmtenant.api.identity.token_responses import opened, own_address, registration_limit
from crmtenant.api.web.http import read_json
from crmtenant.api.web.idempotency import idempotency_key
from crmtenant.errors import Invalid
from crmtenant.permissions import Role
from crmtenant.platform import Platform
from crmtenant.resources.links import API
from crmtenant.resources.public import Invitations, Registrations
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.registration import AcceptDraft, RegistrationDraft, load_with_password
from crmtenant.schemas.identity.session import Opened
from crmtenant.security.first_session import FIRST_TOKEN_VERSION, first_session, request_digest
from crmtenant.services.identity import invitations, users
from crmtenant.services.identity.invitations import Newcomer
from crmtenant.services.identity.users import read_email
from crmtenant.services.tenants import registration_rows
from crmtenant.services.tenants.registration import Registered
from crmtenant.services.tenants.registration_rows import NewCompany


@view_config(
    context=Registrations,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=RegistrationDraft,
    out=Opened,
    status=201,
    takes=("Idempotency-Key",),
    gives=("Location", "Set-Cookie"),
    refuses=(429,),
    summary="Register a company",
)
def register(context: Registrations, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The company's founder, signed in; the company's database exists and answers."""
    platform = request.registry.platform
    draft = load_with_password(RegistrationDraft, read_json(request), platform.passwords.field_error)
    platform.attempts.count(registration_limit(request), own_address(request))
    key = _session_key(request, draft)
    registered = platform.registrar.register(_new_company(request, draft, key))
    return _founder_opened(request, draft, registered, key)


@view_config(
    context=Invitations,
    request_method="POST",
    permission=NO_PERMISSION_REQUIRED,
    body=AcceptDraft,
    out=Opened,
    status=201,
    gives=("Location", "Set-Cookie"),
    refuses=(401, 404, 409, 429),
    operation="accept_invitation",
    summary="Take up an invitation",
)
def accept(context: Invitations, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The new member, signed in."""
    platform = request.registry.platform
    draft = load(AcceptDraft, read_json(request))
    platform.attempts.count(registration_limit(request), own_address(request))
    with platform.catalog.reading() as reader:
        place = invitations.get_open(reader, draft.token)
        known = users.find(reader, place.email.key)
    person = authenticate(request, place.email.address, draft.password) if known else None
    # Hashed outside the transaction: it takes long, and the company's row is locked in there.
    newcomer = person.id if person else _newcomer(request, draft)
    with platform.catalog.begin() as session:
        user_id = invitations.accept(session, draft.token, newcomer)
    platform.directory.forget_person(user_id)
    started = platform.sessions.start(user_id, place.tenant_id, request.user_agent)
    version = person.token_version if person else FIRST_TOKEN_VERSION
    token = platform.tokens.issue(user_id, place.tenant_id, version, session_id=started.id)
    name = person.name if person else draft.name
    return opened(
        request,
        token,
        started,
        draft.transport,
        [("Location", API)],
        user={"id": user_id, "name": name, "email": place.email.address},
        company={"id": place.tenant_id, "name": place.company_name, "slug": place.slug},
        role=place.role,
    )


def _newcomer(request: Any, draft: AcceptDraft) -> Newcomer:
    """Somebody new, whose password is judged as at registration."""
    passwords = request.registry.platform.passwords
    field_error = passwords.field_error(draft.password, [draft.name])
    if field_error:
        raise Invalid(field_error)
    return Newcomer(draft.name, passwords.hash(draft.password))


def _session_key(request: Any, draft: RegistrationDraft) -> bytes:
    """What the founder's sign-in is derived from: the key in use, or the one that was when this was first asked."""
    platform: Platform = request.registry.platform
    first, *others = platform.first_session_keys
    asked_under = idempotency_key(request)
    if not others or asked_under is None:
        return first
    with platform.catalog.reading() as reader:
        known = registration_rows.hash_under(reader, asked_under)
    document = draft.model_dump_json()
    return next((key for key in others if request_digest(key, document) == known), first)


def _new_company(request: Any, draft: RegistrationDraft, session_key: bytes) -> NewCompany:
    platform = request.registry.platform
    email = read_email(draft.email)
    return NewCompany(
        company_name=draft.company_name,
        person_name=draft.name,
        email=email.address,
        email_key=email.key,
        password_hash=platform.passwords.hash(draft.password),
        country=draft.country,
        currency=draft.currency,
        language=draft.language,
        time_zone=draft.time_zone,
        key=idempotency_key(request),
        request_hash=request_digest(session_key, draft.model_dump_json()),
    )


def _founder_opened(
    request: Any, draft: RegistrationDraft, registered: Registered, session_key: bytes
) -> Response:
    """The same bytes each time it is asked for: nothing in it is random or of this moment."""
    platform = request.registry.platform
    first = first_session(session_key, registered.tenant_id)
    with platform.catalog.reading() as reader:
        founded_at = users.joined_at(reader, registered.user_id, registered.tenant_id)
    started = platform.sessions.start(
        registered.user_id,
        registered.tenant_id,
        request.user_agent,
        family_id=first.family_id,
        secret=first.secret,
    )
    token = platform.tokens.issue(
        registered.user_id, registered.tenant_id, FIRST_TOKEN_VERSION, founded_at.timestamp(), first.jti
    )
    return opened(
        request,
        token,
        started,
        draft.transport,
        [("Location", API)],
        user={"id": registered.user_id, "name": draft.name, "email": draft.email},
        company={"id": registered.tenant_id, "name": draft.company_name, "slug": registered.slug},
        role=Role.OWNER,
    )
