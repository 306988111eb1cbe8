"""Entries: what people write on records."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, ForeignKey, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import Item, SearchTokens, TenantBase, live_index, reference_index, trash_index

KINDS = ("note", "call", "meeting", "comment")
SUBJECTS = ("contact", "project", "task")
"""The nouns that entries are written on; another one is a migration."""


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, words))})"


class Entry(Item, TenantBase):
    """A note, a call, a meeting or a comment on a record, or a reply to one.

    `contact_ids` are the contacts it is about, what it is written on included; `organization_ids` those contacts that are
    organisations, and those that the people worked for when it was written. A reply has neither: it goes with its parent.
    """

    __tablename__ = "entry"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("subject_type", SUBJECTS), name="subject_type"),
        CheckConstraint("direction IN ('in', 'out')", name="direction"),
        CheckConstraint("outcome IN ('reached', 'no_answer', 'voicemail', 'busy')", name="outcome"),
        CheckConstraint("parent_id <> id", name="not_its_own_parent"),
        trash_index("ix_entry_trashed"),
        live_index("ix_entry_updated", "updated_at", "id"),
        live_index("ix_entry_created", "created_at", "id"),
        live_index("ix_entry_happened", "happened_at", "id"),
        live_index("ix_entry_title", "title_key", "id"),
        live_index("ix_entry_subject", "subject_type", "subject_id", "happened_at", "id"),
        reference_index("ix_entry_parent", "parent_id"),
        live_index("ix_entry_contacts", "contact_ids", using="gin"),
        live_index("ix_entry_organizations", "organization_ids", using="gin"),
        live_index("ix_entry_search", "search", using="gin"),
    )

    kind: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    parent_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("entry.id"))
    contact_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    organization_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    happened_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    minutes: Mapped[int | None] = mapped_column(Integer)
    direction: Mapped[str | None] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    mentions: Mapped[list[str]] = mapped_column(ARRAY(Text))
    is_pinned: Mapped[bool] = mapped_column(Boolean)
    edited_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    title: Mapped[str] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    search: Mapped[Any] = mapped_column(SearchTokens, deferred=True)
