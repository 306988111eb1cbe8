"""The timeline of a record."""

from __future__ import annotations

from typing import Any

import orjson
from pyramid.response import Response

from crmtenant.api.web.http import json_response, query_pairs
from crmtenant.api.web.paging import Paging
from crmtenant.permissions import Permission
from crmtenant.resources.links import path_of
from crmtenant.resources.timeline import ContactTimeline, ProjectTimeline, TaskTimeline, Timeline
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.timeline import TimelinePage, TimelineQuery
from crmtenant.services.overview import timeline


class TimelineViews:
    """The timeline of one record."""

    def __init__(self, context: Timeline, request: Any) -> None:
        self.context = context
        self.request = request

    def list(self) -> Response:
        """One page of what was written on the record, and of what changed that is worth telling, newest first.

        On an organisation's there is also what was written on the people who worked there then, and on projects for it;
        on a project's what was written on its tasks. Replies stand at what they reply to. Told are creations, owners and
        assignees, due days, organisations and states, and what was completed and reopened.
        """
        query = load_query(TimelineQuery, query_pairs(self.request))
        tenant, record = self.context.tenant, self.context.owner
        paging = Paging(tenant, f"timeline {record.entity.name} {record.id}")
        begins = paging.after(query.cursor)
        after = None if begins is None else (*begins[0], begins[1])
        kinds = query.kind or ()
        page = timeline.page(tenant.reader, record.entity, record.id, query.limit, kinds, after)
        ends = None if page.after is None else (page.after[:2], page.after[2])
        asked = {"limit": query.limit, "kind": ",".join(kinds) or None}
        return json_response(
            {
                "items": [*map(orjson.Fragment, page.items)],
                "pinned": [*map(orjson.Fragment, page.pinned)],
                **paging.links(path_of(self.context), asked, ends),
            }
        )


def includeme(config: Any) -> None:
    """Register the view of each kind of record that has a timeline."""
    for place in (ContactTimeline, ProjectTimeline, TaskTimeline):
        config.add_view(
            TimelineViews,
            attr="list",
            context=place,
            request_method="GET",
            permission=Permission.ENTRY_READ,
            query=TimelineQuery,
            out=TimelinePage,
            summary=f"Read the timeline of a {place.owner_name}",
        )
