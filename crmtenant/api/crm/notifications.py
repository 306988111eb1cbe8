"""What one is told: the inbox, what one watches, and what one wants to be told of."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, query_pairs, read_json
from crmtenant.api.web.paging import Paging
from crmtenant.permissions import Permission
from crmtenant.resources.base import Item
from crmtenant.resources.links import path_of
from crmtenant.resources.notification import NotificationCollection, NotificationCount, NotificationResource
from crmtenant.resources.public import ProfileNotifications
from crmtenant.schemas.base import load, load_query
from crmtenant.schemas.crm.notification import (
    MarkedOut,
    NotificationCountOut,
    NotificationMarks,
    NotificationOut,
    NotificationPage,
    NotificationPatch,
    NotificationQuery,
    NotificationSettingsOut,
    NotificationSettingsPatch,
    WatchDraft,
    WatchOut,
)
from crmtenant.services.overview import notification_settings, notifications, watching

OWN = Permission.NOTIFICATION_OWN


class NotificationViews:
    """One's own notifications in the company."""

    def __init__(self, context: Any, request: Any) -> None:
        self.context = context
        self.request = request
        self.tenant = context.tenant
        self.me = self.tenant.identity.user_id


@view_defaults(context=NotificationCollection, permission=OWN)
class InboxViews(NotificationViews):
    """The inbox."""

    @view_config(request_method="GET", query=NotificationQuery, out=NotificationPage, summary="Read my inbox")
    def list(self) -> Response:
        """One page of what I am told, what happened last first, and how much is unread in all."""
        query = load_query(NotificationQuery, query_pairs(self.request))
        paging = Paging(self.tenant, f"inbox {self.me} {query.state} {query.kind}")
        asked = notifications.Asked(self.me, query.state, query.kind, query.limit, paging.after(query.cursor))
        found = notifications.page(self.tenant.reader, self.tenant.entities, asked)
        given = {"limit": query.limit, "state": query.state, "kind": query.kind}
        links = paging.links(path_of(self.context), given, found.after)
        return json_response({"items": found.items, **links, "unread": found.unread})

    @view_config(
        request_method="POST",
        name="bulk",
        body=NotificationMarks,
        out=MarkedOut,
        operation="mark_notifications",
        summary="Mark many notifications as read or done",
    )
    def mark(self) -> Response:
        """Mark everything as read, or these or everything as done; how many that were."""
        marks = load(NotificationMarks, read_json(self.request))
        session, count = self.tenant.session, 0
        if marks.read is not None:
            count += notifications.read_all(session, self.me)
        if marks.done is not None:
            ids = None if marks.done == "all" else marks.done
            count += notifications.do(session, self.me, ids)
        return json_response({"count": count})


@view_config(
    context=NotificationCount,
    permission=OWN,
    request_method="GET",
    out=NotificationCountOut,
    operation="count_notifications",
    summary="Count my unread notifications",
)
def count(context: NotificationCount, request: Any) -> Response:  # noqa: ARG001 (Pyramid's)
    """How many of my notifications are unread."""
    tenant = context.tenant
    return json_response({"unread": notifications.unread(tenant.reader, tenant.identity.user_id)})


@view_defaults(context=NotificationResource, permission=OWN)
class ItemViews(NotificationViews):
    """One notification."""

    @view_config(
        request_method="PATCH",
        body=NotificationPatch,
        out=NotificationOut,
        summary="Mark a notification as read or done",
    )
    def change(self) -> Response:
        """Set whether it is read, and whether it is done."""
        patch = load(NotificationPatch, read_json(self.request))
        marks = patch.model_dump(exclude_none=True)
        tenant = self.tenant
        return json_response(
            notifications.mark(tenant.session, tenant.entities, self.me, self.context.id, marks)
        )


@view_defaults(context=ProfileNotifications, permission=OWN)
class SettingsViews(NotificationViews):
    """What one wants to be told of in this company."""

    @view_config(
        request_method="GET",
        out=NotificationSettingsOut,
        security=("bearer",),
        operation="read_notification_settings",
        summary="Read what I want to be told of",
    )
    def read(self) -> Response:
        """Whether I am told of each kind in this company, and when by mail."""
        return json_response({"kinds": notification_settings.settings_of(self.tenant.reader, self.me)})

    @view_config(
        request_method="PATCH",
        body=NotificationSettingsPatch,
        out=NotificationSettingsOut,
        security=("bearer",),
        operation="change_notification_settings",
        summary="Change what I want to be told of",
    )
    def change(self) -> Response:
        """Change what is named, for this company."""
        patch = load(NotificationSettingsPatch, read_json(self.request))
        given = patch.model_dump(exclude_none=True).get("kinds", {})
        return json_response({"kinds": notification_settings.change(self.tenant.session, self.me, given)})


def read_watch(context: Item, request: Any) -> Response:  # noqa: ARG001 (Pyramid's)
    """Whether I am told of what happens to it."""
    tenant = context.tenant
    person_id = tenant.identity.user_id
    return json_response(watching.watching(tenant.reader, context.entity, context.id, person_id))


def change_watch(context: Item, request: Any) -> Response:
    """Set whether I am told of what happens to it."""
    wish = load(WatchDraft, read_json(request)).model_dump(exclude_none=True)
    tenant = context.tenant
    person_id = tenant.identity.user_id
    return json_response(watching.watch(tenant.session, context.entity, context.id, person_id, wish))


def includeme(config: Any) -> None:
    """Register the views of watching, for the items of every noun that people are told of."""
    for one in config.registry.registrations:
        place = one.collection.item
        if not place.entity.is_watched:
            continue
        noun = place.entity.name
        add = {"context": place, "name": "watch", "permission": OWN, "out": WatchOut}
        config.add_view(
            read_watch,
            request_method="GET",
            operation=f"read_{noun}_watch",
            summary=f"Read whether I watch a {noun}",
            **add,
        )
        config.add_view(
            change_watch,
            request_method="PUT",
            body=WatchDraft,
            operation=f"change_{noun}_watch",
            summary=f"Watch a {noun}, or leave it",
            **add,
        )
