"""Tasks, and what can be done with one."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response

from crmtenant.api.entities.item_views import ItemViews
from crmtenant.api.entities.registration import Registration
from crmtenant.api.web.http import read_json
from crmtenant.resources.task import ContactTasks, ProjectTasks, Subtasks, TaskCollection, TaskResource
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.task import TASK_SHAPES, NextOccurrence, TaskCompletedOut, TaskMove, TaskOut
from crmtenant.services.crm.tasks import TASK_WRITER


class TaskViews(ItemViews):
    """One task."""

    def complete(self) -> Response:
        """The task, done, and what that did: its next occurrence, missed dates, completed subtasks."""
        session, actor = self.tenant.session, self.tenant.actor
        row = TASK_WRITER.complete(session, actor, self.locked())
        done = TASK_WRITER.completion(session, actor, row)
        later = done.next_occurrence
        fields = NextOccurrence.model_fields
        following = None if later is None else {name: getattr(later, name) for name in fields}
        return self.item_response(
            {
                **self.as_item(row),
                "next_occurrence": following,
                "missed": done.missed,
                "missed_count": done.missed_count,
                "completed_subtasks": done.completed_subtasks,
            }
        )

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
            out=TaskCompletedOut if name == "complete" else TaskOut,
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
