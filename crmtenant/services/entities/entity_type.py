"""What the application knows of a noun, declared once.

Lists, writing, search, trash, activity, tags, export, import, saved views and the API read it from here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, any_, bindparam, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute, aliased

from crmtenant.services.entities.about import NOTHING, About
from crmtenant.services.entities.import_rules import ImportRules
from crmtenant.services.entities.memory import Memory

if TYPE_CHECKING:
    from crmtenant.services.entities.sheets import Sheet

VIEWER = "viewer_id"
"""The parameter of `EntityType.visible`: whose eyes a row is looked at with."""
TODAY = "today"
"""The parameter of what depends on the date: today where the company is. Columns and filters bind it as a Date."""

Columns = Mapping[str, "ColumnElement[Any] | InstrumentedAttribute[Any]"]


_ENTITIES: dict[type, EntityType] = {}


@dataclass(frozen=True, slots=True)
class SearchFields:
    """How a noun shows among search results; its model has a `search` column.

    `key` is the folded title that matches are ranked by, `subtitle` tells namesakes apart, `kind` is what
    the page chooses an icon by.
    """

    key: Any
    subtitle: Any
    kind: Any


@dataclass(frozen=True, slots=True)
class BelongsTo:
    """A column by which rows belong to rows of another noun, or of their own.

    Rows are deleted and restored with their owner. `type_column` is set where the owner may be of several
    nouns: it holds the owner's.
    """

    owner: str
    column: str
    type_column: str | None = None


@dataclass(frozen=True, eq=False)
class EntityType:
    """One noun.

    `name` is what JSON calls it, `collection` the segment of its address. `columns` maps each JSON field to its
    SQL, in the order of the JSON. `filters` maps a parameter to a condition holding a bindparam of the same name.
    `sorts` maps an order to an expression that is never null. `visible` is what must hold for a person (`VIEWER`)
    to see a row. `writer` is its `EntityWriter`, which stands above this module.

    `user_columns` hold ids of people; `goes_on` is true of rows that somebody else takes over when one of them leaves.
    `tags` is the column of its tags. `search` is None for what search does not
    find. `is_in_activity` says whether changes are listed, under the verbs `activity_verbs` where their condition
    holds. `about` says for whom and what a change of a row counts; `change_verbs` maps the noun's own words to the
    field and the value that a change gives it. `sheet` is the table for people in a company's export. `since` is the
    revision its table came with. `memories` are tables in which its rows remember what no client sees. `lists_of_ids`
    maps columns that are lists of ids to the noun of those. `mentions` are a column of text that names people, and that
    of their ids.
    """

    name: str
    collection: str
    model: Any
    title: Any
    columns: Columns
    writer: Any
    filters: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    sorts: Columns = field(default_factory=dict)
    visible: ColumnElement[bool] = field(default_factory=true)
    belongs_to: tuple[BelongsTo, ...] = ()
    user_columns: tuple[str, ...] = ()
    goes_on: ColumnElement[bool] = field(default_factory=true)
    tags: Any = None
    search: SearchFields | None = None
    is_in_activity: bool = False
    activity_verbs: Mapping[str, ColumnElement[bool]] = field(default_factory=dict)
    about: About = NOTHING
    change_verbs: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    has_saved_views: bool = False
    sheet: Sheet | None = None
    since: str = ""
    import_rules: type[ImportRules] = ImportRules
    memories: tuple[Memory, ...] = ()
    lists_of_ids: Mapping[str, str] = field(default_factory=dict)
    mentions: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        self.writer.entity = self
        _ENTITIES.setdefault(self.model, self)

    @property
    def fields(self) -> tuple[str, ...]:
        """The JSON fields, in order."""
        return tuple(self.columns)

    @property
    def table(self) -> Any:
        """The table of its rows."""
        return self.model.__table__

    def labelled(self, fields: Iterable[str] | None = None) -> list[ColumnElement[Any]]:
        """Return the JSON fields, or these of them, as columns of a SELECT, in order."""
        return [self.columns[name].label(name) for name in fields or self.columns]


def entity_of(model: type) -> EntityType | None:
    """Return the noun whose rows are of this class."""
    return _ENTITIES.get(model)


def has_one_of_the_ids(model: Any) -> ColumnElement[bool]:
    """Return the condition of being one of the rows whose ids are given as `id`."""
    condition: ColumnElement[bool] = model.id == any_(bindparam("id", type_=ARRAY(BigInteger)))
    return condition


def name_of(model: Any, row_id: Any) -> ScalarSelect[Any]:
    """Return the name of the live row of `model` that the column `row_id` refers to."""
    referred = aliased(model)
    return select(referred.name).where(referred.id == row_id, referred.deleted_at.is_(None)).scalar_subquery()
