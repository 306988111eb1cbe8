"""The work of a member passes to another one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.web.http import json_response, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.member import MemberResource
from crmtenant.schemas.base import load
from crmtenant.schemas.identity.member import HandoverDraft, HandoverOut
from crmtenant.services.overview.handover import hand_over


@view_config(
    context=MemberResource,
    name="handover",
    request_method="POST",
    permission=Permission.MEMBER_WRITE,
    body=HandoverDraft,
    out=HandoverOut,
    summary="Hand over the work of a member, present or former",
)
def hand_over_work(context: MemberResource, request: Any) -> Response:
    """How many tasks, projects and contacts have passed to the other one."""
    draft, tenant = load(HandoverDraft, read_json(request)), context.tenant
    tenant.platform.identity.memberships.require_known(tenant.identity.company_id, context.__name__)
    taker_id = draft.to or tenant.identity.user_id
    return json_response({"items": hand_over(tenant.session, tenant.actor, context.__name__, taker_id)})
