"""Tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import Item, SearchTokens, TenantBase, live_index, reference_index, trash_index


class Task(Item, TenantBase):
    """One thing to do, in a project or of one's own."""

    __tablename__ = "task"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done')", name="status"),
        CheckConstraint("kind IN ('todo', 'call', 'meeting')", name="kind"),
        CheckConstraint("priority BETWEEN 0 AND 4", name="priority"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        CheckConstraint("due_on IS NULL OR start_on IS NULL OR due_on >= start_on", name="ends_after_start"),
        trash_index("ix_task_trashed"),
        live_index("ix_task_updated", "updated_at", "id"),
        live_index("ix_task_created", "created_at", "id"),
        live_index("ix_task_title", "title_key", "id"),
        Index("ix_task_project", "project_id", "position", "id"),
        reference_index("ix_task_parent", "parent_id"),
        reference_index("ix_task_contact", "contact_id"),
        reference_index("ix_task_column", "column_id"),
        live_index("ix_task_due", "due_on", "id"),
        live_index("ix_task_assignees", "assignee_ids", using="gin"),
        live_index("ix_task_search", "search", using="gin"),
    )

    project_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("project.id"))
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id"))
    kind: Mapped[str] = mapped_column(Text, server_default=text("'todo'"))
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    column_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("board_column.id"))
    position: Mapped[float] = mapped_column(Float)
    priority: Mapped[int] = mapped_column(SmallInteger)
    assignee_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    contact_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact.id"))
    start_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    estimate_minutes: Mapped[int | None] = mapped_column(Integer)
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text))
    recurrence: Mapped[str | None] = mapped_column(Text)
    completed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    search: Mapped[Any] = mapped_column(SearchTokens, deferred=True)


class TaskOccurrence(TenantBase):
    """Of a task that repeated until it was done: its rule, and the occurrence that followed, if one did."""

    __tablename__ = "task_occurrence"
    __table_args__ = (Index("ix_task_occurrence_next", "next_id"),)

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    next_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("task.id", ondelete="SET NULL"))
    rule: Mapped[str] = mapped_column(Text)


class TaskLeftColumn(TenantBase):
    """The column a task stood in until the column was thrown away."""

    __tablename__ = "task_left_column"
    __table_args__ = (Index("ix_task_left_column_column", "column_id"),)

    task_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("task.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    column_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("board_column.id", ondelete="CASCADE"))
