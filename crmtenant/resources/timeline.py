"""The places of timelines: what was written on a record, and what happened to it."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Item, Resource


class Timeline(Resource):
    """What was written on one record."""

    owner_name: ClassVar[str]

    @property
    def owner(self) -> Item:
        """The record."""
        assert isinstance(self.__parent__, Item)
        return self.__parent__


class ContactTimeline(Timeline):
    """What was written on a contact; of an organisation, also on who worked there then."""

    owner_name = "contact"


class ProjectTimeline(Timeline):
    """What was written on a project and its tasks."""

    owner_name = "project"


class TaskTimeline(Timeline):
    """What was written on a task."""

    owner_name = "task"
