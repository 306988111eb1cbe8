"""A project in JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from crmtenant.schemas.base import ITEM_FIELDS, Draft
from crmtenant.schemas.fields import (
    Color,
    Day,
    Line,
    Minutes,
    Name,
    OptionalText,
    RowId,
    Tags,
    UserId,
    UserIds,
)
from crmtenant.schemas.fields.numbers import not_before
from crmtenant.schemas.query import QueryId, QueryIds, QueryMoment, SearchQuery
from crmtenant.schemas.shapes import Shapes
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import fold

WRITABLE = (
    "name",
    "description",
    "status",
    "contact_id",
    "owner_id",
    "member_ids",
    "start_on",
    "due_on",
    "budget_minutes",
    "color",
    "tags",
)
COMPUTED = ("progress", "task_counts")
"""What is counted from the project's tasks when it is read."""
FIELDS = ("id", *WRITABLE, *COMPUTED, *ITEM_FIELDS)
SORTS = ("name", "created_at", "updated_at", "due_on", "status")
LONGEST_KEY = 200

Status = Literal["planned", "active", "on_hold", "done", "archived"]
STATUSES: tuple[str, ...] = get_args(Status)


def _statuses(value: Any) -> Any:
    """The statuses of a comma list, each once."""
    if not isinstance(value, str):
        return value
    statuses = list(dict.fromkeys(value.split(",")))
    if not set(statuses) <= set(STATUSES):
        raise PydanticCustomError(
            "invalid_choice", "Some of {statuses}, separated by commas.", {"statuses": ", ".join(STATUSES)}
        )
    return statuses


_ONE_STATUS = f"({'|'.join(STATUSES)})"
AskedStatuses = Annotated[
    list[Status],
    BeforeValidator(_statuses),
    WithJsonSchema({"type": "string", "pattern": f"^{_ONE_STATUS}(,{_ONE_STATUS})*$"}),
]


class ProjectDraft(Draft):
    """What a client may write of a project."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    name: Name
    description: OptionalText = None
    status: Status = "planned"
    contact_id: RowId | None = Field(None, description="The customer.")
    owner_id: UserId | None = None
    member_ids: UserIds = Field(default_factory=list)
    start_on: Day | None = None
    due_on: Day | None = None
    budget_minutes: Minutes | None = None
    color: Color | None = None
    tags: Tags = Field(default_factory=list)

    @field_validator("due_on")
    @classmethod
    def _ends_after_start(cls, due_on: date | None, info: ValidationInfo) -> date | None:
        return not_before(due_on, info.data.get("start_on"))

    def columns(self) -> dict[str, Any]:
        """The column values of the row, derived keys included."""
        values = super().columns()
        search = search_tokens(self.name, details=self.tags, text=self.description)
        return values | {"name_key": fold(self.name)[:LONGEST_KEY], "search": search}


class ProjectQuery(SearchQuery):
    """The query for a page of projects."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field(
        "-updated_at", description="name, created_at, updated_at, due_on or status; - for descending."
    )
    id: QueryIds | None = Field(None, description="These projects, their ids separated by commas.")
    status: AskedStatuses | None = Field(None, description="One status, or several separated by commas.")
    contact_id: QueryId | None = Field(None, description="Projects for this customer.")
    owner_id: UserId | None = Field(None, description="Projects this person is responsible for.")
    member_id: UserId | None = Field(None, description="Projects this person is a member of.")
    due_before: Day | None = Field(None, description="Due before this day.")
    due_after: Day | None = Field(None, description="Due after this day.")
    tag: Line | None = Field(None, description="With this tag, spelled exactly so.")
    created_after: QueryMoment | None = Field(
        None, description="Created after this moment, or this day where the company is."
    )
    updated_after: QueryMoment | None = Field(
        None, description="Changed after this moment, or this day where the company is."
    )


class TaskCounts(BaseModel):
    """How many tasks a project has: in all, open, done, and open ones whose day is over. Of a project that rests (on hold,
    done, archived) none is overdue."""

    total: int
    open: int
    done: int
    overdue: int


class ProjectOut(BaseModel):
    """A project as it comes back."""

    id: RowId
    name: str
    description: str | None
    status: Status
    contact_id: RowId | None
    owner_id: str | None
    member_ids: list[str]
    start_on: date | None
    due_on: date | None
    budget_minutes: int | None
    color: str | None
    tags: list[str]
    progress: Annotated[int, Field(ge=0, le=100, description="Per cent of its tasks that are done.")]
    task_counts: TaskCounts
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: Annotated[int, Field(ge=1)]


PROJECT_SHAPES = Shapes.of(ProjectDraft, ProjectOut, ProjectQuery)
