"""Tasks, and what can be done with one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.entities.item_views import ItemViews
from crmtenant.api.entities.registration import Registration
from crmtenant.api.web.http import read_json
from crmtenant.resources.task import ContactTasks, ProjectTasks, Subtasks, TaskCollection, TaskResource
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.task import TASK_SHAPES, TaskMove, TaskOut
from crmtenant.services.crm.tasks import TASK_WRITER


class TaskViews(ItemViews):
    """One task."""

    def complete(self) -> Response:
        """The task, done."""
        return self._after(TASK_WRITER.complete(self.tenant.session, self.tenant.actor, self.locked()))

    def reopen(self) -> Response:
        """The task, open again."""
        return self._after(TASK_WRITER.reopen(self.tenant.session, self.tenant.actor, self.locked()))

    def move(self) -> Response:
        """The task in another project, column or place."""
        move = load(TaskMove, read_json(self.request))
        target = move.model_dump(exclude_unset=True)
        return self._after(TASK_WRITER.move(self.tenant.session, self.tenant.actor, self.locked(), target))

    def _after(self, row: Any) -> Response:
        return self.item_response(self.as_item(row))


def add_actions(config: Any) -> None:
    """Add the views by which a task is completed, reopened and moved."""
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


TASKS = Registration(
    collection=TaskCollection,
    shapes=TASK_SHAPES,
    access="task",
    nested=(ProjectTasks, ContactTasks, Subtasks),
    item_views=TaskViews,
    actions=add_actions,
)
