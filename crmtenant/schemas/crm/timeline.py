"""The timeline of a record, in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from crmtenant.schemas.crm.entry import EntryOut, Kind
from crmtenant.schemas.fields import RowId
from crmtenant.schemas.query import Cursor, Limit

FIRST_LIMIT = 50
CHANGE = "change"
KINDS: tuple[str, ...] = (*get_args(Kind), CHANGE)


def _kinds(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    kinds = list(dict.fromkeys(value.split(",")))
    if not set(kinds) <= set(KINDS):
        raise PydanticCustomError(
            "invalid_choice", "Some of {kinds}, separated by commas.", {"kinds": ", ".join(KINDS)}
        )
    return kinds


_ANY_KIND = "|".join(KINDS)
Kinds = Annotated[
    list[Kind | Literal["change"]],
    BeforeValidator(_kinds),
    WithJsonSchema({"type": "string", "pattern": f"^({_ANY_KIND})(,({_ANY_KIND}))*$"}),
]


class TimelineQuery(BaseModel):
    """The query for a page of a timeline."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    limit: Limit = Field(FIRST_LIMIT, description="How many items a page has at most.")
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )
    kind: Kinds | None = Field(
        None, description="Entries of these kinds only, separated by commas; `change` is what changed."
    )


class ToldChange(BaseModel):
    """A change that is worth telling: of the record, or of a task or project that belongs there."""

    noun: Literal["contact", "project", "task"]
    row_id: RowId
    title: str | None = Field(description="Its title today; null where it is gone for good.")
    verb: str = Field(description="`created`, `changed`; of tasks also `completed`, `reopened`.")
    by: str
    changes: dict[str, list[Any]] = Field(
        description="Owner, assignees, due day, organisation, status: of each what it was and what it became."
    )
    batch_id: RowId | None


class TimelineChange(BaseModel):
    """Something that changed, and when."""

    source: Literal["change"]
    at: datetime
    change: ToldChange


class TimelineItem(BaseModel):
    """Something written, and when it happened."""

    source: Literal["entry"]
    at: datetime
    entry: EntryOut
    replies: list[EntryOut] = Field(description="The newest 50 replies, the oldest of them first.")
    reply_count: int


class TimelinePage(BaseModel):
    """One page of a timeline, newest first."""

    items: list[Annotated[TimelineItem | TimelineChange, Field(discriminator="source")]]
    pinned: list[TimelineItem] = Field(
        description="On the first page the newest ten that are pinned, whatever kinds were asked for; they stand among the "
        "items too."
    )
    next: str | None = Field(description="The address of the next page; null on the last page.")
    next_cursor: str | None = Field(description="The `cursor` of the next page; null on the last page.")
