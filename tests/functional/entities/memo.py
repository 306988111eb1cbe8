"""A noun that only the tests have: a memo about a contact or a project. `MEMOS` is its one registration."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, Field
from sqlalchemy import BigInteger, MetaData, Text, bindparam, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crmtenant.api.entities.registration import Registration
from crmtenant.errors import FieldError
from crmtenant.models.base import NAMING, Item, SearchTokens, live_index, trash_index
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import Project
from crmtenant.resources import base as places
from crmtenant.schemas.base import ITEM_FIELDS, Draft
from crmtenant.schemas.fields import Line, Name, RowId, Tags, UserId
from crmtenant.schemas.query import QueryId, SearchQuery
from crmtenant.schemas.shapes import Shapes
from crmtenant.services.entities.change import Change
from crmtenant.services.entities.entity_type import BelongsTo, EntityType, SearchFields
from crmtenant.services.entities.sheets import Sheet
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.references import unknown_subject
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import fold

SUBJECTS = {"contact": Contact, "project": Project}
WRITABLE = ("subject_type", "subject_id", "title", "tags", "owner_id")
FIELDS = ("id", *WRITABLE, *ITEM_FIELDS)
Subject = Literal["contact", "project"]


class MemoBase(DeclarativeBase):
    """Tables beside those that every company has."""

    metadata = MetaData(naming_convention=NAMING)


class Memo(Item, MemoBase):
    __tablename__ = "memo"
    __table_args__ = (trash_index("ix_memo_trashed"), live_index("ix_memo_title", "title_key", "id"))

    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    title: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(ARRAY(Text))
    owner_id: Mapped[str | None] = mapped_column(Text)
    title_key: Mapped[str] = mapped_column(Text(collation="C"))
    search: Mapped[Any] = mapped_column(SearchTokens)


class MemoWriter(EntityWriter):
    def field_errors(self, change: Change) -> Iterator[FieldError]:
        yield from unknown_subject(change, SUBJECTS, "subject_type", "subject_id")


MEMO = EntityType(
    name="memo",
    collection="memos",
    model=Memo,
    title=Memo.title,
    columns={name: getattr(Memo, name) for name in FIELDS},
    writer=MemoWriter(),
    filters={
        "subject_type": Memo.subject_type == bindparam("subject_type"),
        "subject_id": Memo.subject_id == bindparam("subject_id"),
        "tag": Memo.tags.contains(array([bindparam("tag", type_=Text)])),
        "q": Memo.search.bool_op("@@")(cast(bindparam("q", type_=Text), TSQUERY)),
    },
    sorts={"title": Memo.title_key, "updated_at": Memo.updated_at},
    belongs_to=tuple(BelongsTo(owner, "subject_id", "subject_type") for owner in SUBJECTS),
    user_columns=("owner_id",),
    tags=Memo.tags,
    search=SearchFields(key=Memo.title_key, subtitle=Memo.subject_type, kind=Memo.subject_type),
    is_in_activity=True,
    sheet=Sheet.of(
        "memos.csv",
        select(Memo.id, Memo.title, Memo.owner_id.label("owner")).where(Memo.deleted_at.is_(None)),
        "owner",
    ),
)


class MemoDraft(Draft):
    """What a client may write of a memo."""

    READ_ONLY: ClassVar[frozenset[str]] = frozenset(FIELDS) - frozenset(WRITABLE)

    subject_type: Subject
    subject_id: RowId
    title: Name
    tags: Tags = Field(default_factory=list)
    owner_id: UserId | None = None

    def columns(self) -> dict[str, Any]:
        values = super().columns()
        return values | {"title_key": fold(self.title), "search": search_tokens(self.title, *self.tags)}


class MemoQuery(SearchQuery):
    """A page of memos, asked for."""

    SORTS: ClassVar[tuple[str, ...]] = ("title", "updated_at")
    FIELDS: ClassVar[tuple[str, ...]] = FIELDS

    sort: str = "title"
    subject_type: Subject | None = None
    subject_id: QueryId | None = None
    tag: Line | None = None


class MemoOut(BaseModel):
    """A memo as it comes back."""

    id: RowId
    subject_type: Subject
    subject_id: RowId
    title: str
    tags: list[str]
    owner_id: str | None
    created_at: datetime
    updated_at: datetime
    created_by: str
    updated_by: str
    version: int


class MemoResource(places.Item):
    """One memo."""

    entity = MEMO


class MemoCollection(places.Collection):
    """All memos."""

    item = MemoResource


class ContactMemos(places.Nested):
    """The memos about a contact."""

    item = MemoResource
    owner_name = "contact"
    belongs_by, belongs_by_type = "subject_id", "subject_type"


class ProjectMemos(places.Nested):
    """The memos about a project."""

    item = MemoResource
    owner_name = "project"
    belongs_by, belongs_by_type = "subject_id", "subject_type"


MEMOS = Registration(
    collection=MemoCollection,
    shapes=Shapes.of(MemoDraft, MemoOut, MemoQuery),
    access="contact",
    nested=(ContactMemos, ProjectMemos),
)
