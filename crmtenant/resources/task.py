"""The places of tasks."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.services.crm.tasks import TASK, TASKS


class TaskResource(Item):
    """One task."""

    noun = TASK
    records = TASKS


class TaskCollection(Collection):
    """All tasks."""

    item = TaskResource


class Subtasks(Nested):
    """The tasks right below a task."""

    item = TaskResource
    belongs_by = "parent_id"
    default_sort = "position"


TaskResource.children = {"tasks": Subtasks}
