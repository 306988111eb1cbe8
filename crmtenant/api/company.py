"""Who am I, and where am I."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config

from crmtenant.api.http import json_response
from crmtenant.permissions import Permission
from crmtenant.representations import company
from crmtenant.resources.links import path_of
from crmtenant.resources.public import Health
from crmtenant.resources.root import Root
from crmtenant.resources.tenant import Tenant


class HealthOut(BaseModel):
    """That the process answers."""

    status: str


@view_config(
    context=Tenant,
    request_method="GET",
    permission=Permission.COMPANY_READ,
    out=company.WhoAmI,
    summary="Who am I: the company, the person, their role and permissions",
)
def who_am_i(context: Tenant, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The company, the person, their role and permissions, and links to everything."""
    links = {name: path_of(context[name]) for name in Tenant.own_children}
    return json_response(company.dump(context.identity, {"self": path_of(context), **links}))


@view_config(context=Root, permission=NO_PERMISSION_REQUIRED)
def nobody(context: Root, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Never an answer: raises why the request has no company."""
    raise context.refusal


@view_config(
    context=Health,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    out=HealthOut,
    summary="Whether the service answers",
)
def health(context: Health, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """That the process answers; touches no database."""
    return json_response({"status": "ok"})
