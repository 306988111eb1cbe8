"""Where a task stands on its project's board, and how its column and its status agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.models.tenant.project import BoardColumn

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Entrances = Mapping[bool, int]
"""The first column of a board for tasks that are done (True), and for those that are not."""


def entrances_of(session: Session, project_ids: Iterable[int | None]) -> dict[int, dict[bool, int]]:
    """Return the entrances of the boards of these projects, by project; projects without columns are left out."""
    wanted = set(project_ids) - {None}
    found: dict[int, dict[bool, int]] = {}
    if wanted:
        columns = select(BoardColumn.project_id, BoardColumn.is_done, BoardColumn.id).where(
            BoardColumn.project_id.in_(wanted), BoardColumn.deleted_at.is_(None)
        )
        for project_id, is_done, column_id in session.execute(
            columns.order_by(BoardColumn.position, BoardColumn.id)
        ):
            found.setdefault(project_id, {}).setdefault(is_done, column_id)
    return found


def entrance(entrances: Entrances, status: str) -> int | None:
    """Return the column of a task that was given none. An open task never comes into a column of done tasks."""
    is_open = entrances.get(False)
    return entrances.get(True, is_open) if status == "done" else is_open


def done_columns(session: Session, ids: Iterable[int | None]) -> set[int]:
    """Return those of the columns whose tasks are done."""
    wanted = set(ids) - {None}
    done = select(BoardColumn.id).where(BoardColumn.id.in_(wanted), BoardColumn.is_done)
    return set(session.scalars(done)) if wanted else set()


def agree(session: Session, row: Any, changes: Mapping[str, Any]) -> None:
    """Let that of status and column which was not changed follow the other.

    Where a board has no column for done tasks, its columns say nothing about being done.
    """
    if "status" in changes and "column_id" not in changes:
        row.column_id = fitting_column(session, row, is_done=row.status == "done")
    elif "column_id" in changes and "status" not in changes:
        if session.get_one(BoardColumn, row.column_id).is_done:
            row.status = "done"
        elif row.status == "done" and fitting_column(session, row, is_done=True) != row.column_id:
            row.status = "open"


def column_in(session: Session, row: Any, project_id: int | None, status: str) -> int | None:
    """Return the column of the task in this project: its own while it stays there, else where it comes in."""
    if project_id == row.project_id:
        column_id: int | None = row.column_id
        return column_id
    return entrance(entrances_of(session, [project_id]).get(project_id or 0, {}), status)


def fitting_column(session: Session, row: Any, *, is_done: bool) -> int | None:
    """Return the column the task belongs in once it is done, or open; its own when that fits or none does."""
    if row.column_id is None:
        return None
    fits = BoardColumn.is_done.is_(is_done)
    column_id = session.scalar(
        select(BoardColumn.id)
        .where(BoardColumn.project_id == row.project_id, fits, BoardColumn.deleted_at.is_(None))
        .order_by(BoardColumn.id != row.column_id, BoardColumn.position, BoardColumn.id)
        .limit(1)
    )
    return column_id or row.column_id
