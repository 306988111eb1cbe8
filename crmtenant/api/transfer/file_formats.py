"""Which format an uploaded file of contacts is in."""

from __future__ import annotations

from crmtenant.api.web.uploads import Upload
from crmtenant.errors import Unsupported

CSV_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
VCARD_TYPES = frozenset({"text/vcard", "text/x-vcard"})
JSON_TYPES = frozenset({"application/json"})

#: format: media types, extensions. The first format that matches either is taken.
_IMPORT_FORMATS = {
    "vcard": (VCARD_TYPES, (".vcf", ".vcard")),
    "json": (JSON_TYPES, (".json",)),
    "csv": (CSV_TYPES, (".csv", ".tsv", ".tab", ".txt")),
}
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xltx", ".xls", ".ods", ".numbers")
_WORKBOOK_TYPES = (
    "application/vnd.openxmlformats-officedocument.spreadsheetml",
    "application/vnd.oasis.opendocument",
)
# Archives (Excel since 2007, OpenDocument, Numbers) and the older Excel; whatever the file is called.
_BINARY_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def format_of(upload: Upload) -> str:
    """Return the format, by media type or file name. Browsers send files under odd types.

    Raises:
        Unsupported: it is a workbook, which has to be saved as CSV, or something else that we do not read.
    """
    name = upload.name.lower()
    if name.endswith(_WORKBOOKS) or upload.media_type.startswith(_WORKBOOK_TYPES) or _is_binary(upload):
        raise Unsupported(
            "This is a workbook. Open it in your spreadsheet program, save it as CSV (UTF-8), and import that file.",
            code="workbook",
        )
    for file_format, (media_types, extensions) in _IMPORT_FORMATS.items():
        if upload.media_type in media_types or name.endswith(extensions):
            return file_format
    raise Unsupported(
        "Send text/csv, text/tab-separated-values, text/vcard, application/json, or a form with such a file."
    )


def _is_binary(upload: Upload) -> bool:
    upload.file.seek(0)
    start = upload.file.read(8)
    upload.file.seek(0)
    return start.startswith(_BINARY_STARTS)
