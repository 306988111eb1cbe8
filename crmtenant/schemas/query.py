"""Parameters of lists: `limit cursor sort fields count`, and `q` for most; how parameters are parsed."""

from __future__ import annotations

import re
from datetime import UTC, date
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError

from crmtenant.clock import beginning_of
from crmtenant.schemas.fields import Instant, Line, RowId
from crmtenant.schemas.fields.numbers import LARGEST_ROW_ID
from crmtenant.text.search_query import tsquery

DEFAULT_LIMIT = 50
LARGEST_LIMIT = 1000
MOST_IDS = 200

_INTEGER = re.compile("0|[1-9][0-9]{0,18}")
_CURSOR = re.compile(r"[A-Za-z0-9_.=~\-]{1,2000}")
_PLUS_READ_AS_SPACE = re.compile(r" (?=[0-9]{2}:[0-9]{2}$)")
_DAY_ONLY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _integer(value: Any) -> Any:
    if isinstance(value, str):
        if not _INTEGER.fullmatch(value):
            raise PydanticCustomError("invalid_number", "This must be a whole number such as 42.")
        return int(value)
    return value


def _ids(value: Any) -> Any:
    """Parse a comma-separated list of ids, without repetition."""
    if not isinstance(value, str):
        return value
    ids = [_integer(part) for part in value.split(",")]
    if not all(0 < row_id <= LARGEST_ROW_ID for row_id in ids):
        raise PydanticCustomError("invalid_number", "IDs must be whole numbers from 1, separated by commas.")
    if len(ids) > MOST_IDS:
        raise PydanticCustomError("too_many", "At most {most} IDs are allowed.", {"most": MOST_IDS})
    return list(dict.fromkeys(ids))


def _flag(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise PydanticCustomError("invalid_flag", "This must be true or false.")
        return value == "true"
    return value


def _moment(value: Any, info: ValidationInfo) -> Any:
    """Read a date as its beginning where the company is, and a space as the + of an offset that was not escaped."""
    if isinstance(value, str) and _DAY_ONLY.fullmatch(value):
        return _beginning(value, info)
    return _PLUS_READ_AS_SPACE.sub("+", value) if isinstance(value, str) else value


def _beginning(day: str, info: ValidationInfo) -> str:
    try:
        return beginning_of(date.fromisoformat(day), (info.context or {}).get("zone", UTC)).isoformat()
    except ValueError:
        return day


def _cursor(value: str) -> str:
    if not _CURSOR.fullmatch(value):
        raise PydanticCustomError("invalid_cursor", "This is not a valid cursor.")
    return value


AS_INTEGER = BeforeValidator(_integer)
"""Bounds must come before it in an annotation, or the documents would not show them."""

QueryId = Annotated[RowId, AS_INTEGER]
QueryIds = Annotated[
    list[RowId],
    BeforeValidator(_ids),
    WithJsonSchema(
        {"type": "string", "pattern": f"^[1-9][0-9]{{0,18}}(,[1-9][0-9]{{0,18}}){{0,{MOST_IDS - 1}}}$"}
    ),
]
"""Ids of items, separated by commas."""
QueryFlag = Annotated[bool, BeforeValidator(_flag)]
QueryMoment = Annotated[
    Instant,
    BeforeValidator(_moment),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}
    ),
]
Limit = Annotated[int, Field(ge=1, le=LARGEST_LIMIT), AS_INTEGER]
Cursor = Annotated[str, Field(json_schema_extra={"pattern": f"^{_CURSOR.pattern}$"})]


class NoQuery(BaseModel):
    """A query without parameters."""


class Query(BaseModel):
    """A request for one page of a list. Subclasses name their sorts and fields, and add filters."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    SORTS: ClassVar[tuple[str, ...]] = ()
    FIELDS: ClassVar[tuple[str, ...]] = ()

    limit: Limit = Field(DEFAULT_LIMIT, description="How many items a page has at most.")
    cursor: Cursor | None = Field(
        None, description="Where the page begins: `next_cursor` of the page before."
    )
    sort: str = Field("id", description="The field to sort by; a leading - sorts in descending order.")
    fields: str | None = Field(None, description="The fields to return, separated by commas.")
    count: QueryFlag = Field(False, description="Whether to return `total`.")

    @field_validator("cursor")
    @classmethod
    def _check_cursor(cls, value: str | None) -> str | None:
        return value if value is None else _cursor(value)

    @field_validator("sort")
    @classmethod
    def _check_sort(cls, value: str) -> str:
        if value.removeprefix("-") not in cls.SORTS:
            raise PydanticCustomError(
                "invalid_sort",
                "This must be one of {sorts}; a leading - sorts in descending order.",
                _named(cls.SORTS),
            )
        return value

    @field_validator("fields")
    @classmethod
    def _check_fields(cls, value: str | None) -> str | None:
        if value is not None and not set(value.split(",")) <= set(cls.FIELDS):
            raise PydanticCustomError(
                "unknown_field", "The available fields are {sorts}.", _named(cls.FIELDS)
            )
        return value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        document: dict[str, Any] = handler.resolve_ref_schema(handler(schema))
        if "sort" in document["properties"]:
            document["properties"]["sort"]["enum"] = [
                f"{sign}{name}" for name in cls.SORTS for sign in ("", "-")
            ]
            # What generators call them, where - cannot begin a name.
            document["properties"]["sort"]["x-enum-varnames"] = [
                f"{name.upper()}{order}" for name in cls.SORTS for order in ("", "_DESCENDING")
            ]
            names = "|".join(cls.FIELDS)
            document["properties"]["fields"]["pattern"] = f"^({names})(,({names}))*$"
        return document

    def wanted(self) -> tuple[str, ...]:
        """Return the requested fields and `id`, in our order; all fields if none are named."""
        names = {"id", *self.fields.split(",")} if self.fields else set(self.FIELDS)
        return tuple(name for name in self.FIELDS if name in names)

    def words(self) -> str | None:
        """Return the search words as a tsquery, or None without any, or if the list cannot be searched."""
        return None

    def filters(self) -> dict[str, Any]:
        """Return the given filters by name, as plain values."""
        return {
            name: value
            for name in type(self).model_fields
            if name not in SearchQuery.model_fields and (value := getattr(self, name)) is not None
        }


class SearchQuery(Query):
    """A request for one page of a list that can be searched."""

    q: Line | None = Field(
        None,
        description="Words that every item found must contain: in full, as the beginning of a word or, from three letters"
        " on, inside one. A telephone number is found however it is written, and by its last digits.",
    )

    def words(self) -> str | None:
        """Return the search words as a tsquery; one that finds nothing if `q` has no word."""
        return (tsquery(self.q) or "") if self.q else None


def _named(names: tuple[str, ...]) -> dict[str, Any]:
    return {"sorts": ", ".join(names)}
