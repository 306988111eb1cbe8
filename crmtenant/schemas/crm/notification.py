"""What people are told, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.schemas.base import Changes, Draft
from crmtenant.schemas.fields import RowId
from crmtenant.schemas.query import DEFAULT_LIMIT, LARGEST_LIMIT, Cursor, Limit

Kind = Literal["mentioned", "replied", "assigned", "watched", "due"]
Mail = Literal["never", "digest", "soon"]


class NotificationQuery(BaseModel):
    """The query for a page of the inbox."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    limit: Limit = Field(DEFAULT_LIMIT, description="How many items a page has at most.")
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )
    state: Literal["open", "done"] = Field("open", description="What is not done yet, or what is.")
    kind: Kind | None = Field(None, description="Only what one is told for this reason.")


class NotificationOut(BaseModel):
    """Something one is told."""

    id: RowId
    kind: Kind
    at: datetime = Field(description="When it last happened.")
    by: str | None = Field(description="Who did it last; null where a day came.")
    noun: str = Field(description="What `row_id` is an id of: `contact`, `project` or `task`.")
    row_id: int
    title: str | None = Field(
        description="What the record is called; null where it is one of many and in the trash."
    )
    entry_id: int | None = Field(description="What was written, if that is what one is told of.")
    excerpt: str | None = Field(description="The first 280 characters of what was written.")
    count: int = Field(description="How often it happened; where `is_batch`, to how many records.")
    is_batch: bool = Field(
        description="Whether it happened to many records in one go; `row_id` is one of them."
    )
    read_at: datetime | None
    done_at: datetime | None


class NotificationPage(BaseModel):
    """A page of the inbox, what happened last first."""

    items: list[NotificationOut]
    next: str | None = Field(description="The address of the next page; null on the last page.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last page.")
    unread: int = Field(description="How many are unread in all.")


class NotificationCountOut(BaseModel):
    """How many notifications are unread."""

    unread: int


class NotificationPatch(Changes):
    """Whether a notification is read, and done."""

    is_read: bool | None = None
    is_done: bool | None = None


All = Literal["all"]
Ids = Annotated[list[RowId], Field(max_length=LARGEST_LIMIT)]


class NotificationMarks(Draft):
    """What to mark at once."""

    read: All | None = Field(None, description="Everything that is unread.")
    done: All | Ids | None = Field(None, description="Those with these ids, or everything that is open.")


class MarkedOut(BaseModel):
    """How many were marked."""

    count: int


class WatchDraft(Changes):
    """Whether one is told of what happens to the record; what is left out stays as it is."""

    is_watching: bool | None = None
    is_muted: bool | None = None


class WatchOut(BaseModel):
    """Whether one is told of what happens to the record.

    Who made it by hand, is named in it or wrote on it watches it by themselves.
    """

    is_watching: bool
    is_muted: bool = Field(
        description="Whether one hears of it only if one is mentioned or it is assigned to one."
    )


class KindSetting(BaseModel):
    """Whether one is told of a kind, and when by mail."""

    shown: bool
    mail: Mail


class KindSettingPatch(Changes):
    """Changes to what one wants to be told of a kind."""

    shown: bool | None = Field(None, description="Whether one is told at all.")
    mail: Mail | None = Field(
        None, description="`soon`: after five minutes unless it was read; `digest`: the next morning."
    )


class NotificationSettingsOut(BaseModel):
    """What one wants to be told of in this company."""

    kinds: dict[Kind, KindSetting]


class KindsPatch(Changes):
    """Changes by kind."""

    mentioned: KindSettingPatch | None = None
    replied: KindSettingPatch | None = None
    assigned: KindSettingPatch | None = None
    watched: KindSettingPatch | None = None
    due: KindSettingPatch | None = None


class NotificationSettingsPatch(Changes):
    """Changes to what one wants to be told of in this company."""

    kinds: KindsPatch | None = None
