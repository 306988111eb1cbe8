"""The trash, in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, create_model

from crmtenant.schemas.documents import one_of
from crmtenant.schemas.fields import Line, RowId
from crmtenant.schemas.query import DEFAULT_LIMIT, Cursor, Limit


class TrashQuery(BaseModel):
    """The query for a page of the trash."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    limit: Limit = Field(DEFAULT_LIMIT, description="How many items a page has at most.")
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )
    q: Line | None = Field(None, description="Words that the names of all items found contain.")


class TrashItem(BaseModel):
    """Something deleted; it is restored by POST to `links.restore`, and deleted for good by DELETE of `links.purge`.

    What went along with it has no line of its own.
    """

    type: str
    id: RowId
    name: str
    deleted_at: datetime
    deleted_by: str
    along: dict[str, int] = Field(
        description="What comes back with it: how many items, by collection, such as `tasks`; without those of none."
    )
    links: dict[str, str]


def trash_document(nouns: Iterable[str]) -> type[BaseModel]:
    """Return the document of one page of the trash of these nouns."""
    item = create_model("TrashItem", __base__=TrashItem, __doc__=TrashItem.__doc__, type=(one_of(nouns), ...))
    return create_model(
        "TrashPage",
        __doc__="One page of the trash, newest first.",
        items=(list[item], ...),
        next=(str | None, Field(description="The address of the next page; null on the last page.")),
        next_cursor=(str | None, Field(description="The `cursor` of the next page; null on the last page.")),
    )
