"""What spans the nouns: search, activity, tags. Each is one round trip."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.permissions import Permission
from crmtenant.resources.overview import Activity, Search, Tags
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.overview import (
    ActivityQuery,
    FindQuery,
    TagsQuery,
    activity_document,
    found_document,
    tags_document,
)
from crmtenant.services.entities.registry import EntityRegistry
from crmtenant.services.overview import activity, search, tags


def find(context: Search, request: Any) -> Response:
    """The best matches of each noun."""
    query = load_query(FindQuery, query_pairs(request))
    tenant = context.tenant
    found = search.find(tenant.reader, tenant.entities, query.q, query.limit) if query.q else []
    return json_response({"items": found})


def list_activity(context: Activity, request: Any) -> Response:
    """The last thing that happened to each of the items changed last; what was done to many in one go is one line."""
    query = load_query(ActivityQuery, query_pairs(request))
    tenant = context.tenant
    viewer_id = tenant.identity.user_id
    items = activity.last(tenant.reader, tenant.entities, viewer_id, query.limit, query.by)
    return json_response({"items": items})


def list_tags(context: Tags, request: Any) -> Response:
    """The tags of each noun with how many items have them."""
    load_query(TagsQuery, query_pairs(request))
    return json_response(tags.used(context.tenant.reader, context.tenant.entities))


def includeme(config: Any) -> None:
    """Register the views, whose documents name the nouns there are."""
    entities: EntityRegistry = config.registry.entity_tree.entities

    def add(view: Any, context: type, query: type, out: type, summary: str, **options: Any) -> None:
        config.add_view(
            view,
            context=context,
            request_method="GET",
            permission=Permission.OVERVIEW_READ,
            query=query,
            out=out,
            summary=summary,
            **options,
        )

    in_activity = [entity for entity in entities if entity.is_in_activity]
    verbs = dict.fromkeys(verb for entity in in_activity for verb in entity.change_verbs)
    searched = entities.names(lambda entity: entity.search)
    add(find, Search, FindQuery, found_document(searched), "Search all nouns at once", operation="search")
    add(
        list_activity,
        Activity,
        ActivityQuery,
        activity_document([entity.name for entity in in_activity], verbs),
        "List recent activity",
    )
    collections = [entity.collection for entity in tags.tagged(entities)]
    add(list_tags, Tags, TagsQuery, tags_document(collections), "List the tags and labels in use")
