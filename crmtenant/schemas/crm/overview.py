"""What spans contacts, projects and tasks, in JSON: search, activity, tags."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from crmtenant.schemas.fields import OptionalLine, RowId, UserId
from crmtenant.schemas.query import AS_INTEGER

EntityType = Literal["contact", "project", "task"]


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)


class FindQuery(_Asked):
    """What is looked for."""

    q: OptionalLine = Field(None, description="Words, whole or as a beginning; nothing is found without any.")
    limit: Annotated[int, Field(ge=1, le=20), AS_INTEGER] = Field(8, description="How many of each noun.")


class Found(BaseModel):
    """Something found."""

    noun: EntityType
    id: RowId
    title: str
    subtitle: str | None = Field(
        description="Of a contact the organisation or an e-mail address, of a project the customer, "
        "of a task the project."
    )
    kind: str = Field(description="Of a contact its `kind`, of a project or task its `status`.")


class FoundOut(BaseModel):
    """Contacts, then projects, then tasks, the best of each first."""

    items: list[Found]


class ActivityQuery(_Asked):
    """How much of what happened is wanted, and by whom."""

    limit: Annotated[int, Field(ge=1, le=100), AS_INTEGER] = 30
    by: UserId | None = Field(None, description="Only what this person did.")


class Happened(BaseModel):
    """The last thing that happened to an item."""

    noun: EntityType
    id: RowId
    title: str
    verb: Literal["created", "changed", "completed", "removed"]
    at: datetime
    by: str


class ActivityOut(BaseModel):
    """What happened last, newest first, each item once."""

    items: list[Happened]


class TagsQuery(_Asked):
    """All tags, without conditions."""


class TagUse(BaseModel):
    """A tag, and how many items have it."""

    name: str
    count: int


class TagsOut(BaseModel):
    """The tags in use, the most used first, at most 200 of each noun; those of tasks are called labels there."""

    contacts: list[TagUse]
    projects: list[TagUse]
    tasks: list[TagUse]
