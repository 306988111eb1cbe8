"""Saved views: lists as people want to see them again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, CheckConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import Item, TenantBase, live_index, trash_index

PAGES = ("contacts", "projects", "tasks", "entries")
"""The collections whose lists can be saved as views; another one is a migration."""


class SavedView(Item, TenantBase):
    """A page of the front end with what its address asks for. Its maker's own, unless it is shared."""

    __tablename__ = "saved_view"
    __table_args__ = (
        CheckConstraint(f"page IN ({', '.join(map(repr, PAGES))})", name="page"),
        trash_index("ix_saved_view_trashed"),
        live_index("ix_saved_view_name", "name_key", "id"),
    )

    name: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    query: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_shared: Mapped[bool] = mapped_column(Boolean)

    name_key: Mapped[str] = mapped_column(Text(collation="C"))
