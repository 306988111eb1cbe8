"""What people of a company are told, what they watch, and what they want to be told.

A notification holds no words of the record: its title and what was written are read where they stand.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Identity, Index, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from crmtenant.models.base import TenantBase

KINDS = ("mentioned", "replied", "assigned", "watched", "due")
MAILS = ("never", "digest", "soon")
_UNREAD = text("read_at IS NULL AND done_at IS NULL")


def _one_of(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(repr, words))})"


class Notification(TenantBase):
    """That one person is told of one record.

    `since` is when it was written, `at` when it last was added to. `count` is how often something happened; where
    `is_batch`, to how many records, of which `row_id` is one. `by` is null where a day came.
    """

    __tablename__ = "notification"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        Index("ix_notification_inbox", "person_id", "at", "id"),
        Index("ix_notification_unread", "person_id", postgresql_where=_UNREAD),
        Index("ix_notification_record", "noun", "row_id"),
        Index("ix_notification_entry", "entry_id", postgresql_where=text("entry_id IS NOT NULL")),
        Index(
            "ix_notification_unmailed",
            "since",
            postgresql_where=text("mailed_at IS NULL AND read_at IS NULL AND done_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    person_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    since: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    by: Mapped[str | None] = mapped_column(Text)
    noun: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
    entry_id: Mapped[int | None] = mapped_column(BigInteger)
    count: Mapped[int] = mapped_column(Integer)
    is_batch: Mapped[bool] = mapped_column(Boolean)
    read_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    mailed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Watch(TenantBase):
    """What a person said, or what follows from their comment, of whether they want to be told of a record.

    Without a row its author and those it names watch it.
    """

    __tablename__ = "watch"

    noun: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    is_watching: Mapped[bool] = mapped_column(Boolean)
    is_muted: Mapped[bool] = mapped_column(Boolean)


class NotificationSetting(TenantBase):
    """Whether a person wants to be told of a kind, and by mail when."""

    __tablename__ = "notification_setting"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("mail", MAILS), name="mail"),
    )

    person_id: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    is_shown: Mapped[bool] = mapped_column(Boolean)
    mail: Mapped[str] = mapped_column(Text)
