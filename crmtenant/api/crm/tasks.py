"""Tasks, and what can be done with one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.entities.crud import CollectionViews, ItemViews, add_entity_views
from crmtenant.api.entities.views import Shapes
from crmtenant.api.web.http import read_json
from crmtenant.resources.contact import ContactTasks
from crmtenant.resources.project import ProjectTasks
from crmtenant.resources.task import Subtasks, TaskCollection, TaskResource
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.task import TaskDraft, TaskMove, TaskOut, TaskQuery
from crmtenant.services.crm.tasks import TASKS

SHAPES = Shapes.of(TaskDraft, TaskOut, TaskQuery)


class TaskCollectionViews(CollectionViews):
    """Tasks; the tasks of a project or a contact; subtasks."""

    shapes = SHAPES
    collection = "tasks"


class TaskViews(ItemViews):
    """One task."""

    shapes = SHAPES
    collection = "tasks"

    def complete(self) -> Response:
        """The task, done."""
        return self._after(TASKS.complete(self.tenant.session, self.tenant.actor, self.locked()))

    def reopen(self) -> Response:
        """The task, open again."""
        return self._after(TASKS.reopen(self.tenant.session, self.tenant.actor, self.locked()))

    def move(self) -> Response:
        """The task in another project, column or place."""
        move = load(TaskMove, read_json(self.request))
        target = move.model_dump(exclude_unset=True)
        return self._after(TASKS.move(self.tenant.session, self.tenant.actor, self.locked(), target))

    def _after(self, row: Any) -> Response:
        return self.item_response(self.as_item(row))


def includeme(config: Any) -> None:
    """Nothing comes back; tasks have their views."""
    add_entity_views(
        config,
        collection=(TaskCollection, TaskCollectionViews),
        item=(TaskResource, TaskViews),
        nested=[ProjectTasks, ContactTasks, Subtasks],
        access="task",
    )
    for name, summary in (
        ("complete", "Complete a task"),
        ("reopen", "Reopen a task"),
        ("move", "Move a task to another project, column or place"),
    ):
        config.add_view(
            TaskViews,
            attr=name,
            name=name,
            context=TaskResource,
            request_method="POST",
            permission="task:write",
            body=TaskMove if name == "move" else None,
            out=TaskOut,
            takes=("If-Match",),
            gives=("ETag",),
            summary=summary,
        )
