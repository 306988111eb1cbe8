"""The places of tasks."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.timeline import TaskTimeline
from crmtenant.services.crm.tasks import TASK


class TaskResource(Item):
    """One task."""

    children: ClassVar[dict[str, type[Resource]]] = {"timeline": TaskTimeline}
    entity = TASK


class TaskCollection(Collection):
    """All tasks."""

    item = TaskResource


class ProjectTasks(Nested):
    """The tasks of a project."""

    item = TaskResource
    owner_name = "project"
    belongs_by = "project_id"
    default_sort = "position"


class ContactTasks(Nested):
    """The tasks that have to do with a contact."""

    item = TaskResource
    owner_name = "contact"
    belongs_by = "contact_id"


class Subtasks(Nested):
    """The tasks right below a task."""

    item = TaskResource
    owner_name = "task"
    belongs_by = "parent_id"
    default_sort = "position"
