"""Contacts: people and organisations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Text,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import Item, SearchTokens, TenantBase, live_index, reference_index, trash_index

NEVER: ColumnElement[datetime] = literal_column("'-infinity'::timestamptz")
"""Before all moments."""


class Contact(Item, TenantBase):
    """A person or an organisation, as the JSON says it, plus the keys we look it up by."""

    __tablename__ = "contact"
    __table_args__ = (
        CheckConstraint("kind IN ('person', 'organization')", name="kind"),
        trash_index("ix_contact_trashed"),
        live_index("ix_contact_updated", "updated_at", "id"),
        live_index("ix_contact_created", "created_at", "id"),
        live_index("ix_contact_name", "name_key", "id"),
        live_index("ix_contact_match", "match_key"),
        Index(
            "ix_contact_touched",
            func.coalesce(literal_column("last_touch_at"), NEVER),
            "id",
            postgresql_where=text("deleted_at IS NULL"),
        ),
        reference_index("ix_contact_organization", "organization_id"),
        live_index("ix_contact_emails", "email_keys", using="gin"),
        live_index("ix_contact_phones", "phone_keys", using="gin"),
        live_index("ix_contact_tags", "tags", using="gin"),
        live_index("ix_contact_search", "search", using="gin"),
    )

    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str | None] = mapped_column(Text)
    given_name: Mapped[str | None] = mapped_column(Text)
    middle_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str | None] = mapped_column(Text)
    suffix: Mapped[str | None] = mapped_column(Text)
    nickname: Mapped[str | None] = mapped_column(Text)
    organization_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("contact.id"))
    job_title: Mapped[str | None] = mapped_column(Text)
    department: Mapped[str | None] = mapped_column(Text)
    emails: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    phones: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    addresses: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    urls: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    birthday: Mapped[date | None] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    custom: Mapped[dict[str, Any]] = mapped_column(JSONB)
    owner_id: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str | None] = mapped_column(Text)
    last_touch_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    name_key: Mapped[str] = mapped_column(Text(collation="C"))
    match_key: Mapped[str] = mapped_column(Text(collation="C"))
    email_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    phone_keys: Mapped[list[str]] = mapped_column(ARRAY(Text))
    countries: Mapped[list[str]] = mapped_column(ARRAY(Text))
    source_keys: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    search: Mapped[Any] = mapped_column(SearchTokens, deferred=True)
