"""A task in JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, Field, PrivateAttr, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from crmtenant.clock import day_at, days_later
from crmtenant.schemas.base import ITEM_FIELDS, Draft, Json
from crmtenant.schemas.fields import (
    Day,
    Instant,
    Line,
    Minutes,
    Name,
    OptionalRecurrence,
    OptionalText,
    Position,
    RowId,
    Tags,
    UserId,
    UserIds,
)
from crmtenant.schemas.fields.numbers import day_written_in, not_before
from crmtenant.schemas.query import (
    AS_INTEGER,
    QueryFlag,
    QueryId,
    QueryIds,
    QueryMoment,
    SearchQuery,
)
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.stored import StoredPlaceDraft
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import fold

WRITABLE = (
    "project_id",
    "parent_id",
    "kind",
    "title",
    "description",
    "status",
    "column_id",
    "position",
    "priority",
    "assignee_ids",
    "contact_id",
    "start_on",
    "due_on",
    "due_at",
    "estimate_minutes",
    "labels",
    "recurrence",
)
FIELDS = ("id", *WRITABLE, "completed_at", *ITEM_FIELDS)
SORTS = ("position", "title", "created_at", "updated_at", "due_on", "priority")
LONGEST_KEY = 200

Status = Literal["open", "done"]
Kind = Literal["todo", "call", "meeting"]
Priority = Annotated[int, Field(ge=0, le=4)]


class TaskDraft(Draft):
    """What a client may write of a task."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    project_id: RowId | None = Field(
        None, description="Null for a task of no project, which everybody in the company sees."
    )
    parent_id: RowId | None = None
    kind: Kind = Field(
        "todo", description="Whether it is a call or a meeting: then it can be logged when done."
    )
    title: Name
    description: OptionalText = Field(None, description="Markdown.")
    status: Status = "open"
    column_id: RowId | None = Field(
        None,
        description="The column of the project's board; where none is given, the first that fits `status`.",
    )
    position: Position | None = Field(None, description="Where it stands; last when absent.")
    priority: Priority = Field(0, description="From 0 (none) to 4 (urgent).")
    assignee_ids: UserIds = Field(default_factory=list)
    contact_id: RowId | None = None
    start_on: Day | None = None
    due_at: Instant | None = None
    due_on: Day | None = Field(
        None, validate_default=True, description="The day of `due_at` in the company's time zone when absent."
    )
    estimate_minutes: Minutes | None = None
    labels: Tags = Field(default_factory=list)
    recurrence: OptionalRecurrence = None

    _leaves_its_board: bool = PrivateAttr(default=False)

    @classmethod
    def patched(cls, current: Json, patch: Json, context: Mapping[str, Any]) -> Json:
        """Of `due_on` and `due_at` the one not named follows the other; a place cannot be taken away. A column
        belongs to its project."""
        if _leaves_its_board(patch):
            current = {**current, "column_id": None}
        merged = super().patched(_with_dues_following(current, patch, _zone(context)), patch, context)
        return {"position": current["position"], **merged}

    def model_post_init(self, context: Any) -> None:
        """Remember whether the client left it to us to find a column."""
        self._leaves_its_board = _leaves_its_board((context or {}).get("patch", {}))

    @field_validator("column_id")
    @classmethod
    def _is_on_a_board(cls, column_id: int | None, info: ValidationInfo) -> int | None:
        if column_id is not None and info.data.get("project_id", column_id) is None:
            raise PydanticCustomError("needs_project", "Only a task of a project stands in a column.")
        return column_id

    @field_validator("due_on")
    @classmethod
    def _check_due(cls, due_on: date | None, info: ValidationInfo) -> date | None:
        due_at = info.data.get("due_at")
        if due_at and due_on is None:
            due_on = day_at(due_at, _zone(info.context))
        if due_at and due_on and not _is_same_day_somewhere(due_on, due_at):
            raise PydanticCustomError("contradicts_due_at", "This is not the day of due_at in any time zone.")
        return not_before(due_on, info.data.get("start_on"))

    def columns(self) -> dict[str, Any]:
        """The column values of the row, derived keys included; `position` None is for the service to fill, and
        so is `column_id` where a change of the project leaves it out."""
        values = super().columns()
        if self._leaves_its_board:
            del values["column_id"]
        search = search_tokens(self.title, details=self.labels, text=self.description)
        return values | {"title_key": fold(self.title)[:LONGEST_KEY], "search": search}


def _leaves_its_board(patch: Json) -> bool:
    """Whether the patch names a project, and no column of it."""
    return "project_id" in patch and "column_id" not in patch


class StoredTaskDraft(StoredPlaceDraft):
    """What only the server sets of a task."""

    completed_at: Instant | None = None


class TaskMove(Draft):
    """Where a task is to go. A project that is null makes it a task of none, seen by everybody in the company."""

    NULL_IS_ABSENT: ClassVar[bool] = False

    project_id: RowId | None = None
    column_id: RowId | None = None
    before: RowId | None = Field(None, description="The task it is to stand before.")
    after: RowId | None = Field(None, description="The task it is to stand after.")

    @field_validator("after")
    @classmethod
    def _has_one_neighbour(cls, after: int | None, info: ValidationInfo) -> int | None:
        if after is not None and info.data.get("before") is not None:
            raise PydanticCustomError("contradicts_before", "Give either before or after.")
        return after


class TaskQuery(SearchQuery):
    """The query for a page of tasks."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field("-updated_at", description=f"{', '.join(SORTS)}; with - in front descending.")
    id: QueryIds | None = Field(None, description="These tasks, their ids separated by commas.")
    project_id: QueryId | None = Field(None, description="Tasks of this project.")
    parent_id: QueryId | None = Field(None, description="Subtasks of this task.")
    column_id: QueryId | None = Field(None, description="Tasks in this column of a board.")
    assignee_id: UserId | None = Field(None, description="Tasks this person is to do.")
    status: Status | None = Field(None, description="Open tasks only, or done ones only.")
    kind: Kind | None = Field(None, description="Calls only, meetings only, or all the others.")
    label: Line | None = Field(None, description="With this label, spelled exactly so.")
    priority: Annotated[Priority, AS_INTEGER] | None = Field(
        None, description="Of this priority, from 0 (none) to 4 (urgent)."
    )
    contact_id: QueryId | None = Field(None, description="Tasks about this contact.")
    due_before: Day | None = Field(None, description="Due before this day.")
    due_after: Day | None = Field(None, description="Due after this day.")
    overdue: QueryFlag | None = Field(
        None,
        description="Open tasks whose day is over where the company is, without those that rest; or all others.",
    )
    resting: QueryFlag | None = Field(
        None, description="Tasks that rest, for their project is on hold, done or archived; or all others."
    )
    created_after: QueryMoment | None = Field(
        None, description="Created after this moment, or this day where the company is."
    )
    updated_after: QueryMoment | None = Field(
        None, description="Changed after this moment, or this day where the company is."
    )


class TaskOut(BaseModel):
    """A task as it comes back."""

    id: RowId
    project_id: RowId | None
    parent_id: RowId | None
    kind: Kind
    title: str
    description: str | None
    status: Status
    column_id: RowId | None
    position: float
    priority: Priority
    assignee_ids: list[str]
    contact_id: RowId | None
    start_on: date | None
    due_on: date | None
    due_at: datetime | None
    estimate_minutes: int | None
    labels: list[str]
    recurrence: str | None
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: Annotated[int, Field(ge=1)]


class NextOccurrence(BaseModel):
    """The task that follows one that repeats."""

    id: RowId
    start_on: date | None
    due_on: date | None
    due_at: datetime | None


class TaskCompletedOut(TaskOut):
    """A task that is done, and what completing it did. What was open below it is done with it."""

    next_occurrence: NextOccurrence | None = Field(
        description="Of a task that repeats, the one on its rule's next date that is not past; it has the subtasks of this "
        "one, open. Null where the rule has ended."
    )
    missed: list[date] = Field(
        description="The dates of the rule before that one that are past, the latest 100."
    )
    missed_count: int = Field(description="How many dates were missed. They count for COUNT.")
    completed_subtasks: int = Field(description="How many tasks below were completed with it.")


def _is_same_day_somewhere(day: date, moment: datetime) -> bool:
    """Whether it is that day at that moment in some time zone; they reach from -12 to +14 hours."""
    return abs(day.toordinal() - moment.toordinal()) <= 1


def _zone(context: Mapping[str, Any] | None) -> tzinfo:
    """The time zone that days are counted in."""
    zone: tzinfo = (context or {}).get("zone", UTC)
    return zone


def _with_dues_following(current: Json, patch: Json, zone: tzinfo) -> Json:
    if patch.get("due_at") is not None and "due_on" not in patch:
        return {**current, "due_on": None}
    if "due_on" in patch and "due_at" not in patch:
        return {**current, "due_at": _moved(current, day_written_in(patch["due_on"]), zone)}
    return current


def _moved(current: Json, day: date | None, zone: tzinfo) -> str | None:
    """`due_at` at the same time of the new day, where the company is; none without a day."""
    due_at, due_on = current.get("due_at"), day_written_in(current.get("due_on"))
    if due_at is None or due_on is None or day is None:
        return None
    moved = days_later(datetime.fromisoformat(due_at), (day - due_on).days, zone)
    return moved.isoformat() if moved else None


TASK_SHAPES = Shapes.of(TaskDraft, TaskOut, TaskQuery, StoredTaskDraft)
