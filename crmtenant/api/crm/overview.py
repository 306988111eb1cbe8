"""What spans contacts, projects and tasks: search, activity, tags. Each is one round trip."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config

from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.permissions import Permission
from crmtenant.resources.overview import Activity, Search, Tags
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.overview import ActivityOut, ActivityQuery, FindQuery, FoundOut, TagsOut, TagsQuery
from crmtenant.services.crm import activity, tags
from crmtenant.services.crm import search as finding


@view_config(
    context=Search,
    request_method="GET",
    permission=Permission.OVERVIEW_READ,
    query=FindQuery,
    out=FoundOut,
    summary="Search contacts, projects and tasks at once",
)
def search(context: Search, request: Any) -> Response:
    """The best matches of each noun."""
    query = load_query(FindQuery, query_pairs(request))
    found = finding.find(context.tenant.reader, query.q, query.limit) if query.q else []
    return json_response({"items": found})


@view_config(
    context=Activity,
    request_method="GET",
    permission=Permission.OVERVIEW_READ,
    query=ActivityQuery,
    out=ActivityOut,
    summary="List what happened last",
)
def list_activity(context: Activity, request: Any) -> Response:
    """The last thing that happened to each of the items changed last."""
    query = load_query(ActivityQuery, query_pairs(request))
    return json_response({"items": activity.last(context.tenant.reader, query.limit, query.by)})


@view_config(
    context=Tags,
    request_method="GET",
    permission=Permission.OVERVIEW_READ,
    query=TagsQuery,
    out=TagsOut,
    summary="List the tags and labels in use",
)
def list_tags(context: Tags, request: Any) -> Response:
    """The tags of each noun with how many have them."""
    load_query(TagsQuery, query_pairs(request))
    return json_response(tags.used(context.tenant.reader))
