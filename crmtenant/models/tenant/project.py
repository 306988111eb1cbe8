"""Projects and the columns of their boards."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, Float, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import Item, SearchTokens, TenantBase, live_index, reference_index, trash_index


class Project(Item, TenantBase):
    """A piece of work with an end, perhaps for a customer."""

    __tablename__ = "project"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'active', 'on_hold', 'done', 'archived')", name="status"),
        CheckConstraint("due_on IS NULL OR start_on IS NULL OR due_on >= start_on", name="ends_after_start"),
        trash_index("ix_project_trashed"),
        live_index("ix_project_updated", "updated_at", "id"),
        live_index("ix_project_created", "created_at", "id"),
        live_index("ix_project_name", "name_key", "id"),
        reference_index("ix_project_contact", "contact_id"),
        live_index("ix_project_search", "search", using="gin"),
    )

    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    contact_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact.id"))
    owner_id: Mapped[str | None] = mapped_column(Text)
    member_ids: Mapped[list[str]] = mapped_column(ARRAY(Text))
    start_on: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    budget_minutes: Mapped[int | None] = mapped_column(Integer)
    color: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))

    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    search: Mapped[Any] = mapped_column(SearchTokens, deferred=True)


class BoardColumn(Item, TenantBase):
    """One column of a project's board."""

    __tablename__ = "board_column"
    __table_args__ = (
        trash_index("ix_board_column_trashed"),
        Index("ix_board_column_project", "project_id", "position", "id"),
    )

    project_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("project.id"))
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[float] = mapped_column(Float)
    color: Mapped[str | None] = mapped_column(Text)
    task_limit: Mapped[int | None] = mapped_column(Integer)
    is_done: Mapped[bool] = mapped_column(Boolean)
