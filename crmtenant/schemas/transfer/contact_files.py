"""Parameters and answers of importing, previewing and exporting contacts."""

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

from crmtenant.schemas.base import ITEM_FIELDS, left_out, patch_model
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft, ContactOut, ContactQuery
from crmtenant.schemas.fields import RowId
from crmtenant.schemas.query import Query, QueryFlag

LONGEST_MAPPING = 65_536
_MAPPING = TypeAdapter(dict[str, str | None], config=ConfigDict(strict=True))
_OF_PAGES = frozenset(Query.model_fields) - {"q"}
Mapping = dict[str, str | None]


def _mapping(value: Any) -> Any:
    """Parse the JSON text of a mapping."""
    if not isinstance(value, str):
        return value
    try:
        return _MAPPING.validate_python(orjson.loads(value[: LONGEST_MAPPING + 1]))
    except (orjson.JSONDecodeError, ValidationError):
        raise PydanticCustomError(
            "invalid_mapping",
            'A mapping must be a JSON object from column names to field paths: {"Mail": "emails/0/value"}.',
        ) from None


QueryMapping = Annotated[
    Mapping,
    BeforeValidator(_mapping),
    WithJsonSchema({"type": "string", "contentMediaType": "application/json"}),
]


class ContactImportQuery(BaseModel):
    """How to import a file of contacts."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    dry_run: QueryFlag = Field(False, description="Report what would happen without writing anything.")
    on_duplicate: Literal["update", "skip", "create"] = Field(
        "update",
        description="What to do with a row for an existing contact: update it, skip the row, or create another.",
    )
    rows: QueryFlag = Field(
        False, description="Also return the rows of a CSV file that have errors, as they are there."
    )
    mapping: QueryMapping | None = Field(
        None,
        description="CSV column names (or numbers, if there is no header) to field paths; null ignores a column.",
    )


class ContactPreviewQuery(BaseModel):
    """How to preview a file of contacts."""

    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True, frozen=True)

    mapping: QueryMapping | None = Field(None, description="As for the import; the preview shows its effect.")


class ImportFault(BaseModel):
    """One error in one row; rows are numbered as in a spreadsheet, vCards and JSON entries from 1."""

    row: int
    pointer: str
    code: str
    detail: str
    column: str | None = Field(description="The column of a CSV file or the property of a vCard.")
    value: str | None = Field(description="What stands there, cut to 500 characters.")
    is_imported: bool = Field(
        description="Whether the row came in nevertheless: the value was kept as it is, or guessed."
    )


class ImportNotice(BaseModel):
    """Something that was guessed of the file as a whole."""

    code: str
    detail: str
    value: str


class OriginalRow(BaseModel):
    """A row of a CSV file as it is there."""

    row: int
    cells: list[str]


_Notices = Annotated[
    list[ImportNotice], Field(description="What was guessed of the whole file; absent if nothing was.")
]


class ImportDecision(BaseModel):
    """How it was decided whether a row is about a contact that was there."""

    row: int
    pointer: str
    code: Literal["shared_address", "several_fit", "other_name"]
    detail: str


class ContactImportOut(BaseModel):
    """The result of an import: how many rows did what, the errors, and who is who."""

    created: int
    updated: int
    skipped: int
    errors: list[ImportFault]
    batch_id: RowId | None = Field(description="The import, to undo it; null where it wrote nothing.")
    decisions: list[ImportDecision] = Field(
        [],
        description="Who is who, where that is not obvious: `shared_address`, a row became a contact of its own though"
        " another one has its address or number; `several_fit`, because it may be about several; `other_name`, by its UID it"
        " is a contact of another name, which was kept. Absent if there is nothing to tell.",
    )
    notices: _Notices = []
    header: list[str] = Field([], description="The names of a CSV file's columns, if `rows` was asked for.")
    rows: list[OriginalRow] = Field([], description="The rows with errors, if asked for.")


class RunningImportOut(BaseModel):
    """The import of contacts that is running, or trying."""

    row: int | None = Field(description="The row of its file that it has come to; null when none is running.")


class PreviewColumn(BaseModel):
    """A column of a CSV file, and the field it fills unless a mapping says otherwise."""

    name: str
    field: str | None = Field(description="A field path; null if the column is ignored.")
    samples: list[str] = Field(max_length=3, description="Some of its cells, cut to 100 characters.")


PreviewContact = create_model(
    "PreviewContact",
    __doc__="A contact as it would be imported, its organisation by name.",
    **{
        name: (ContactOut.model_fields[name].annotation, ...)
        for name in WRITABLE
        if name != "organization_id"
    },  # type: ignore[call-overload]  # names that only the loop knows
    organization=(str | None, ...),
    row=(int, ...),
)


class ContactPreviewOut(BaseModel):
    """What a file contains; nothing has been written."""

    format: Literal["csv", "vcard", "json"]
    rows: int
    columns: list[PreviewColumn] = Field(description="The columns of a CSV file; empty for other formats.")
    fields: list[str] = Field(description="The field paths that a column can be mapped to.")
    is_header_assumed: bool = Field(
        description="Whether no column name is known, and the first row is only taken for the header."
    )
    notices: _Notices = []
    contacts: list[PreviewContact] = Field(description="The first five contacts.")
    errors: list[ImportFault] = Field(description="Errors in the rows before and among these.")


ContactRow = create_model(
    "ContactRow",
    __base__=patch_model(ContactDraft),
    __doc__="A contact of a JSON file, as the export writes it.",
    id=(RowId, left_out("Of an organisation: what `organization_id` of others in the file refers to.")),
    **{
        name: (ContactOut.model_fields[name].annotation, left_out("Ignored; the server sets it."))
        for name in ITEM_FIELDS
    },  # type: ignore[call-overload]  # names that only the loop knows
)


class ContactRows(BaseModel):
    """A JSON file of contacts. The array of `items` alone, as the export writes it, is taken as well."""

    items: list[ContactRow]


def _without_paging(schema: dict[str, Any]) -> None:
    for name in _OF_PAGES:
        schema["properties"].pop(name, None)


class ContactExportQuery(ContactQuery):
    """Which contacts to export, and in which format."""

    model_config = ConfigDict(json_schema_extra=_without_paging)

    format: Literal["csv", "json", "vcard"] = Field("csv", description="The format of the file.")
    delimiter: Literal["comma", "semicolon", "tab"] | None = Field(
        None, description="Of CSV; by default the one that spreadsheets in the company's language expect."
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_paging(cls, given: Any) -> Any:
        paging = sorted(_OF_PAGES & given.keys()) if isinstance(given, dict) else []
        if paging:
            raise PydanticCustomError(
                "unknown_parameter",
                "An export has no pages; leave out {names}.",
                {"names": ", ".join(paging)},
            )
        return given

    def filters(self) -> dict[str, Any]:
        """Return the given filters by name, as plain values."""
        return {
            name: value for name, value in super().filters().items() if name not in {"format", "delimiter"}
        }
