"""The places of what people are told."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import NumberedItem, Resource
from crmtenant.resources.links import parse_id


class NotificationResource(NumberedItem):
    """One of one's own notifications."""

    word = "notification"


class NotificationCount(Resource):
    """How many of one's own notifications are unread."""


class NotificationCollection(Resource):
    """What one is told."""

    children: ClassVar[dict[str, type[Resource]]] = {"count": NotificationCount}
    item = NotificationResource

    def __getitem__(self, segment: str) -> Resource:
        if parse_id(segment) is not None:
            return NotificationResource(self, segment)
        return super().__getitem__(segment)
