"""What spans the nouns, in JSON: search, activity, tags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from crmtenant.schemas.documents import one_of
from crmtenant.schemas.fields import Line, RowId, UserId
from crmtenant.schemas.query import AS_INTEGER


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)


class FindQuery(_Asked):
    """What is looked for."""

    q: Line | None = Field(None, description="Words, whole or as a beginning; nothing is found without any.")
    limit: Annotated[int, Field(ge=1, le=20), AS_INTEGER] = Field(8, description="How many of each noun.")


class Found(BaseModel):
    """Something found."""

    noun: str
    id: RowId
    title: str
    subtitle: str | None = Field(
        description="Of a contact the organisation or an e-mail address, of a project the customer, "
        "of a task the project, of an entry what it is written on."
    )
    kind: str = Field(
        description="Of a contact its `kind`, of a project or task its `status`, of an entry its `kind`."
    )


def found_document(nouns: Sequence[str]) -> type[BaseModel]:
    """Return the document of search results among these nouns."""
    found = create_model("Found", __base__=Found, __doc__=Found.__doc__, noun=(one_of(nouns), ...))
    return create_model(
        "FoundOut", __doc__="The results, noun by noun, the best of each first.", items=(list[found], ...)
    )


class ActivityQuery(_Asked):
    """How much of what happened is wanted, and by whom."""

    limit: Annotated[int, Field(ge=1, le=100), AS_INTEGER] = Field(30, description="How many items at most.")
    by: UserId | None = Field(None, description="Only what this person did.")


class Happened(BaseModel):
    """The last thing that happened to an item, or what was done to many in one go: then it is one of them."""

    noun: str
    id: RowId
    title: str
    verb: str
    at: datetime
    by: str
    fields: list[str] = Field(description="The fields that were changed.")
    batch_id: RowId | None = Field(description="What was done in one go, to undo it.")
    count: int = Field(description="To how many items it was done.")


def activity_document(nouns: Sequence[str], verbs: Iterable[str]) -> type[BaseModel]:
    """Return the document of the activity of these nouns; `verbs` are those that only some of them have."""
    every_verb = ("created", "changed", *verbs, "removed", "restored")
    happened = create_model(
        "Happened",
        __base__=Happened,
        __doc__=Happened.__doc__,
        noun=(one_of(nouns), ...),
        verb=(one_of(every_verb), ...),
    )
    return create_model(
        "ActivityOut",
        __doc__="What happened last, newest first, each item once, and what was done to many in one go.",
        items=(list[happened], ...),
    )


class TagsQuery(_Asked):
    """All tags, without conditions."""


class TagUse(BaseModel):
    """A tag, and how many items have it."""

    name: str
    count: int


def tags_document(collections: Iterable[str]) -> type[BaseModel]:
    """Return the document of the tags in use in these collections."""
    fields: Any = dict.fromkeys(collections, (list[TagUse], ...))
    return create_model(
        "TagsOut",
        __doc__="The tags in use, the most used first, at most 200 of each noun; those of tasks are called labels there.",
        **fields,
    )
