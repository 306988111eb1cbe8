"""A saved view in JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, Field

from crmtenant.schemas.base import ITEM_FIELDS, Draft
from crmtenant.schemas.fields import Line, RowId
from crmtenant.schemas.fields.custom import check_keys
from crmtenant.schemas.fields.texts import line, text
from crmtenant.schemas.query import Query
from crmtenant.schemas.shapes import Shapes
from crmtenant.text.tokens import fold

WRITABLE = ("name", "page", "query", "is_shared")
FIELDS = ("id", *WRITABLE, *ITEM_FIELDS)
SORTS = ("name", "created_at", "updated_at")
MOST_PARAMETERS = 50

Page = Literal["contacts", "projects", "tasks", "entries"]
Parameters = Annotated[
    dict[Annotated[str, line(64)], Annotated[str, text(2000)]],
    Field(max_length=MOST_PARAMETERS),
    BeforeValidator(check_keys),
]


class SavedViewDraft(Draft):
    """What a client may write of a saved view."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    name: Line
    page: Page = Field(description="The list it is a view of.")
    query: Parameters = Field(default_factory=dict, description="The parameters of the page's address.")
    is_shared: bool = Field(False, description="Whether everybody in the company sees it.")

    def columns(self) -> dict[str, Any]:
        """The column values of the row, derived keys included."""
        return super().columns() | {"name_key": fold(self.name)}


class SavedViewQuery(Query):
    """The query for a page of saved views."""

    SORTS: ClassVar[tuple[str, ...]] = SORTS
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = Field("name", description=f"{', '.join(SORTS)}; with - in front descending.")
    page: Page | None = Field(None, description="Views of this list.")


class SavedViewOut(BaseModel):
    """A saved view as it comes back."""

    id: RowId
    name: str
    page: Page
    query: dict[str, str]
    is_shared: bool
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: Annotated[int, Field(ge=1)]


SAVED_VIEW_SHAPES = Shapes.of(SavedViewDraft, SavedViewOut, SavedViewQuery)
