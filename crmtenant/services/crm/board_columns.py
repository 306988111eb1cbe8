"""The columns of projects' boards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, or_, select
from sqlalchemy.dialects.postgresql import insert

from crmtenant.errors import FieldError
from crmtenant.models.tenant.project import BoardColumn, Project
from crmtenant.models.tenant.task import Task, TaskLeftColumn
from crmtenant.services.changes.statements import update_rows
from crmtenant.services.crm.import_rules import ColumnImportRules
from crmtenant.services.crm.projects import require_live_project
from crmtenant.services.crm.tasks import TASK
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Actor, Change, Values
from crmtenant.services.entities.entity_type import BelongsTo, EntityType
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.ordering import placed
from crmtenant.services.writing.references import unknown_reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

_FIELDS = (
    "id", "project_id", "name", "position", "color", "task_limit", "is_done",
    "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip


class ColumnWriter(EntityWriter):
    """The writes of board columns."""

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """Return the drafts with a position each, after the columns that exist."""
        return placed(session, BoardColumn.project_id, drafts)

    def field_errors(self, change: Change) -> Iterator[FieldError]:
        """Yield an error where the project does not exist, or is another than it was."""
        row = change.row
        if row is not None and change.values["project_id"] != row.project_id:
            yield FieldError("/project_id", "read_only_field", "A column stays on the board it was made for.")
        else:
            yield from unknown_reference(change, Project, "project_id", held_by=row, is_held=True)

    def removed(self, session: Session, actor: Actor, rows: Sequence[Item]) -> None:
        """Leave the columns' tasks in their project, in no column, and remember where they stood."""
        left = select(Task.id, Task.column_id).where(Task.column_id.in_([row.id for row in rows]))
        remembered = insert(TaskLeftColumn).from_select(["task_id", "column_id"], left)
        session.execute(
            remembered.on_conflict_do_update(
                index_elements=["task_id"], set_={"column_id": remembered.excluded.column_id}
            )
        )
        stood_there = Task.column_id.in_([row.id for row in rows])
        update_rows(session, actor, TASK, {"column_id": None}, stood_there)

    def restored(self, change: Change) -> None:
        """Bring its tasks back into the column, but for those that stand in another one or fit it no more.

        Raises: `Conflict` while the project is in the trash.
        """
        session, row = change.session, change.row
        require_live_project(session, row.project_id)
        remembered = TaskLeftColumn.column_id == row.id
        update_rows(
            session,
            change.actor,
            TASK,
            {"column_id": row.id},
            Task.id.in_(select(TaskLeftColumn.task_id).where(remembered)),
            Task.column_id.is_(None),
            Task.project_id == row.project_id,
            _fits(row),
        )
        session.execute(delete(TaskLeftColumn).where(remembered))


def _fits(column: Any) -> ColumnElement[bool]:
    """Whether a task may stand in the column: done ones where tasks are done, open ones elsewhere.

    Where a board has no column for done tasks, its columns say nothing about being done.
    """
    if column.is_done:
        return Task.status == "done"
    of_done = exists().where(
        BoardColumn.project_id == column.project_id, BoardColumn.is_done, BoardColumn.deleted_at.is_(None)
    )
    return or_(Task.status == "open", ~of_done)


COLUMN = EntityType(
    name="column",
    collection="columns",
    model=BoardColumn,
    title=BoardColumn.name,
    writer=ColumnWriter(),
    columns={name: getattr(BoardColumn, name) for name in _FIELDS},
    filters={"project_id": BoardColumn.project_id == bindparam("project_id")},
    sorts={"position": BoardColumn.position, "created_at": BoardColumn.created_at},
    belongs_to=(BelongsTo("project", "project_id"),),
    about=About(project="project_id"),
    import_rules=ColumnImportRules,
)
