"""How importing and exporting contacts is asked for, and what an import answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import orjson
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    create_model,
    model_validator,
)
from pydantic_core import PydanticCustomError

from crmtenant.schemas.crm.contact import WRITABLE, ContactOut, ContactQuery
from crmtenant.schemas.query import AskedFlag, Query

LONGEST_MAPPING = 65_536
_MAPPING = TypeAdapter(dict[str, str | None], config=ConfigDict(strict=True))
_OF_PAGES = frozenset(Query.model_fields) - {"q"}
Mapping = dict[str, str | None]


def _mapping(value: Any) -> Any:
    """The JSON text of a mapping, parsed."""
    if not isinstance(value, str):
        return value
    try:
        return _MAPPING.validate_python(orjson.loads(value[: LONGEST_MAPPING + 1]))
    except (orjson.JSONDecodeError, ValidationError):
        raise PydanticCustomError(
            "invalid_mapping",
            'A mapping is a JSON object from column names to field paths: {"Mail": "emails/0/value"}.',
        ) from None


AskedMapping = Annotated[
    Mapping,
    BeforeValidator(_mapping),
    WithJsonSchema({"type": "string", "contentMediaType": "application/json"}),
]


class ContactImportQuery(BaseModel):
    """How a file of contacts is to be taken."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    dry_run: AskedFlag = Field(False, description="Whether only to tell what would happen.")
    on_duplicate: Literal["update", "skip", "create"] = Field(
        "update",
        description="What to do with a row about a contact there is: add what it lacks, nothing, another.",
    )
    mapping: AskedMapping | None = Field(
        None,
        description="CSV column names (or numbers, where there is no header) to field paths; null ignores one.",
    )


class ContactPreviewQuery(BaseModel):
    """How a file of contacts is to be looked into."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    mapping: AskedMapping | None = Field(None, description="As for the import: how it would be read with it.")


class ImportFault(BaseModel):
    """One thing wrong with one row; rows are counted as a spreadsheet does, cards and JSON entries from 1."""

    row: int
    pointer: str
    code: str
    detail: str


class ContactImportOut(BaseModel):
    """What became of the rows."""

    created: int
    updated: int
    skipped: int
    errors: list[ImportFault]


class PreviewColumn(BaseModel):
    """A column of a CSV file, and where its cells go unless a mapping says otherwise."""

    name: str
    field: str | None = Field(description="A field path; null where the cells are passed over.")
    samples: list[str] = Field(max_length=3, description="Some of its cells, cut to 100 characters.")


PreviewContact = create_model(
    "PreviewContact",
    __doc__="A contact as the file would be read, the organisation by its name.",
    **{
        name: (ContactOut.model_fields[name].annotation, ...)
        for name in WRITABLE
        if name != "organization_id"
    },  # type: ignore[call-overload]  # names that only the loop knows
    organization=(str | None, ...),
    row=(int, ...),
)


class ContactPreviewOut(BaseModel):
    """What a file holds, nothing of it written."""

    format: Literal["csv", "vcard", "json"]
    rows: int
    columns: list[PreviewColumn] = Field(description="Of a CSV file; others have none.")
    fields: list[str] = Field(description="The field paths a column can be mapped to.")
    contacts: list[PreviewContact] = Field(description="The first five.")
    errors: list[ImportFault] = Field(description="What is wrong with the rows before and among these.")


def _without_paging(schema: dict[str, Any]) -> None:
    for name in _OF_PAGES:
        schema["properties"].pop(name, None)


class ContactExportQuery(ContactQuery):
    """Which contacts to export, and as what."""

    model_config = ConfigDict(json_schema_extra=_without_paging)

    format: Literal["csv", "json", "vcard"] = "csv"

    @model_validator(mode="before")
    @classmethod
    def _refuse_paging(cls, given: Any) -> Any:
        paging = sorted(_OF_PAGES & given.keys()) if isinstance(given, dict) else []
        if paging:
            raise PydanticCustomError(
                "unknown_parameter",
                "An export has no pages: leave out {names}.",
                {"names": ", ".join(paging)},
            )
        return given

    def filters(self) -> dict[str, Any]:
        """The filters given, by name, as plain values."""
        return {name: value for name, value in super().filters().items() if name != "format"}
