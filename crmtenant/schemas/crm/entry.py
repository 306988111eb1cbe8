"""An entry in JSON: a note, a call, a meeting or a comment on a record."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationInfo, field_validator, model_validator
from pydantic_core import PydanticCustomError

from crmtenant.clock import now
from crmtenant.schemas.base import ITEM_FIELDS, Draft, Json
from crmtenant.schemas.fields import Instant, Minutes, RowId, UserId, UserIds
from crmtenant.schemas.fields.texts import text, trimmed
from crmtenant.schemas.query import QueryFlag, QueryId, QueryIds, QueryMoment, SearchQuery
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.stored import StoredDraft
from crmtenant.text.entry_titles import entry_title
from crmtenant.text.mentions import mentioned, without_mentions
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import fold

WRITABLE = (
    "kind",
    "parent_id",
    "subject_type",
    "subject_id",
    "contact_ids",
    "happened_at",
    "minutes",
    "direction",
    "outcome",
    "body",
    "is_pinned",
)
FIELDS = ("id", *WRITABLE, "organization_ids", "mentions", "edited_at", *ITEM_FIELDS)
SORTS = ("happened_at", "created_at", "updated_at")
LONGEST_BODY = 65_536
LONGEST_KEY = 200
MOST_CONTACTS = 50
AHEAD = timedelta(minutes=5)
"""How far a client's clock may be ahead of ours."""

Kind = Literal["note", "call", "meeting", "comment"]
Subject = Literal["contact", "project", "task"]
Direction = Literal["in", "out"]
Outcome = Literal["reached", "no_answer", "voicemail", "busy"]
Body = Annotated[str, text(LONGEST_BODY)]

_OF_KINDS = {"minutes": ("call", "meeting"), "direction": ("call",), "outcome": ("call",)}
"""The kinds of entries that have the field."""
_WITHOUT_WORDS = ("call", "meeting")


def _distinct(ids: list[int]) -> list[int]:
    return list(dict.fromkeys(ids))


ContactIds = Annotated[list[RowId], Field(max_length=MOST_CONTACTS), AfterValidator(_distinct)]


class EntryDraft(Draft):
    """What a client may write of an entry."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    kind: Kind = "note"
    parent_id: RowId | None = Field(
        None, description="The entry it is a reply to, which is no reply itself. A reply is a comment."
    )
    subject_type: Subject | None = Field(
        None, validate_default=True, description="What it is written on; a reply is on what its parent is on."
    )
    subject_id: RowId | None = Field(None, validate_default=True)
    contact_ids: ContactIds = Field(
        default_factory=list,
        description="The contacts it is about. Of an entry on a contact that one is always the first.",
    )
    happened_at: Instant | None = Field(None, description="It may lie back; now when absent.")
    minutes: Minutes | None = Field(None, description="How long a call or a meeting took.")
    direction: Direction | None = Field(None, description="Whether they called or we did.")
    outcome: Outcome | None = Field(None, description="How a call ended.")
    body: Body = Field(
        "",
        validate_default=True,
        description="Markdown; `@[u_...]` names somebody. A note or a comment is not empty.",
    )
    is_pinned: bool = False

    @model_validator(mode="before")
    @classmethod
    def _make_replies_comments(cls, data: Any) -> Any:
        is_reply = isinstance(data, dict) and data.get("parent_id") is not None
        return {**data, "kind": "comment"} if is_reply and data.get("kind") is None else data

    @classmethod
    def patched(cls, current: Json, patch: Json, context: Mapping[str, Any]) -> Json:
        """What entries of another kind do not have goes with the old one; a moment cannot be taken away."""
        kind = patch.get("kind", current["kind"])
        kept = {name: value for name, value in current.items() if kind in _OF_KINDS.get(name, (kind,))}
        return {"happened_at": current["happened_at"], **super().patched(kept, patch, context)}

    @field_validator("parent_id")
    @classmethod
    def _check_reply(cls, parent_id: int | None, info: ValidationInfo) -> int | None:
        if parent_id is not None and info.data.get("kind", "comment") != "comment":
            raise PydanticCustomError("reply_is_a_comment", "A reply is a comment.")
        return parent_id

    @field_validator("subject_type", "subject_id")
    @classmethod
    def _check_subject(cls, value: Any, info: ValidationInfo) -> Any:
        if value is None and info.data.get("parent_id", 0) is None:
            raise PydanticCustomError("required", "This is required, except for a reply.")
        return value

    @field_validator("contact_ids")
    @classmethod
    def _check_contacts(cls, ids: list[int], info: ValidationInfo) -> list[int]:
        if ids and info.data.get("parent_id") is not None:
            raise PydanticCustomError("not_of_a_reply", "A reply is about what its parent is about.")
        return ids

    @field_validator("happened_at")
    @classmethod
    def _check_moment(cls, moment: datetime | None) -> datetime | None:
        if moment is not None and moment > now() + AHEAD:
            raise PydanticCustomError(
                "in_the_future", "This has not happened yet; what comes next is a task."
            )
        return moment

    @field_validator("minutes", "direction", "outcome")
    @classmethod
    def _check_kind_has_it(cls, value: Any, info: ValidationInfo) -> Any:
        kinds = _OF_KINDS[info.field_name or ""]
        if value is not None and info.data.get("kind", kinds[0]) not in kinds:
            raise PydanticCustomError("not_of_this_kind", "Entries of this kind do not have this.")
        return value

    @field_validator("body")
    @classmethod
    def _check_body(cls, body: str, info: ValidationInfo) -> str:
        if not trimmed(body) and info.data.get("kind", "call") not in _WITHOUT_WORDS:
            raise PydanticCustomError("required", "This must not be empty.")
        return body

    @field_validator("is_pinned")
    @classmethod
    def _check_pin(cls, is_pinned: bool, info: ValidationInfo) -> bool:
        if is_pinned and info.data.get("parent_id") is not None:
            raise PydanticCustomError("not_of_a_reply", "A reply cannot be pinned.")
        return is_pinned

    def columns(self) -> dict[str, Any]:
        """The column values of the row, derived keys included; what is None of the subject, and `happened_at`, are for
        the service to fill."""
        title = entry_title(self.body)
        return super().columns() | {
            "mentions": mentioned(self.body),
            "title": title,
            "title_key": fold(title)[:LONGEST_KEY],
            "search": search_tokens(text=without_mentions(self.body)),
        }


class StoredEntryDraft(StoredDraft):
    """What only the server sets of an entry."""

    happened_at: Instant
    organization_ids: Annotated[list[RowId], AfterValidator(_distinct)]
    edited_at: Instant | None = None


class EntryQuery(SearchQuery):
    """The query for a page of entries."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field("-happened_at", description=f"{', '.join(SORTS)}; with - in front descending.")
    id: QueryIds | None = Field(None, description="These entries, their ids separated by commas.")
    kind: Kind | None = Field(None, description="Entries of this kind.")
    subject_type: Subject | None = Field(None, description="Entries on records of this noun.")
    subject_id: QueryId | None = Field(None, description="Entries on the record with this id.")
    parent_id: QueryId | None = Field(None, description="Replies to this entry.")
    contact_id: QueryId | None = Field(None, description="Entries about this contact.")
    organization_id: QueryId | None = Field(
        None, description="Entries about this organisation, or people who worked there then."
    )
    created_by: UserId | None = Field(None, description="Entries this person wrote.")
    mentions: UserId | None = Field(None, description="Entries that name this person.")
    is_pinned: QueryFlag | None = Field(None, description="Pinned entries only, or all others.")
    happened_after: QueryMoment | None = Field(
        None, description="Happened after this moment, or this day where the company is."
    )
    happened_before: QueryMoment | None = Field(
        None, description="Happened before this moment, or this day where the company is."
    )
    created_after: QueryMoment | None = Field(
        None, description="Created after this moment, or this day where the company is."
    )
    updated_after: QueryMoment | None = Field(
        None, description="Changed after this moment, or this day where the company is."
    )


class EntryOut(BaseModel):
    """An entry as it comes back."""

    id: RowId
    kind: Kind
    parent_id: RowId | None
    subject_type: Subject
    subject_id: RowId
    contact_ids: list[RowId]
    happened_at: datetime
    minutes: int | None
    direction: Direction | None
    outcome: Outcome | None
    body: str
    is_pinned: bool
    organization_ids: list[RowId] = Field(
        description="The organisations among the contacts, and those that the people worked for when it was written."
    )
    mentions: UserIds = Field(description="The people named in it.")
    edited_at: datetime | None = Field(description="When its words were changed last.")
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: Annotated[int, Field(ge=1)]


ENTRY_SHAPES = Shapes.of(EntryDraft, EntryOut, EntryQuery, StoredEntryDraft)
