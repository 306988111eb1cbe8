"""Import, preview and export contacts as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import orjson
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import PRIVATE, json_response, query_pairs
from crmtenant.api.web.uploads import FORM, Upload, read_upload
from crmtenant.errors import Unsupported
from crmtenant.formats.contacts_json import read_json_contacts
from crmtenant.formats.csv.reader import open_csv, read_csv
from crmtenant.formats.csv.writer import csv_lines
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.vcard.reader import read_vcards
from crmtenant.formats.vcard.writer import vcards
from crmtenant.permissions import Permission
from crmtenant.resources.contact import ContactCollection
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.transfer.contact_files import (
    ContactExportQuery,
    ContactImportOut,
    ContactImportQuery,
    ContactPreviewOut,
    ContactPreviewQuery,
    ContactRows,
    Mapping,
)
from crmtenant.schemas.transfer.contact_preview import preview_of_contacts, preview_of_csv
from crmtenant.schemas.transfer.contact_rows import checked, merged
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.transfer.contact_export import contacts_in_batches
from crmtenant.services.transfer.contact_import import import_contacts

CSV_TYPES = frozenset({"text/csv", "text/tab-separated-values"})
VCARD_TYPES = frozenset({"text/vcard", "text/x-vcard"})
JSON_TYPES = frozenset({"application/json"})

#: format: media types, extensions. The first format that matches either is taken.
_IMPORT_FORMATS = {
    "vcard": (VCARD_TYPES, (".vcf", ".vcard")),
    "json": (JSON_TYPES, (".json",)),
    "csv": (CSV_TYPES, (".csv", ".tsv", ".tab", ".txt")),
}

#: what a form may say beside its file
MAPPING_FIELD = {
    "mapping": {
        "type": "string",
        "contentMediaType": "application/json",
        "description": "As the parameter: CSV column names to field paths.",
    }
}

Q = TypeVar("Q", ContactImportQuery, ContactPreviewQuery)
Contacts = Iterable[dict[str, Any]]


def _json_array(contacts: Contacts) -> Iterator[str]:
    """Yield a JSON array of the public fields of each contact, one contact a line."""
    separator = "[\n"
    for contact in contacts:
        public = {name: contact[name] for name in CONTACT.fields}
        yield separator + orjson.dumps(public, option=orjson.OPT_UTC_Z).decode()
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


#: format: media type, extension, writer
EXPORT_FORMATS: dict[str, tuple[str, str, Callable[[Contacts], Iterator[str]]]] = {
    "csv": ("text/csv; charset=utf-8", "csv", csv_lines),
    "json": ("application/json", "json", _json_array),
    "vcard": ("text/vcard; charset=utf-8", "vcf", vcards),
}


@view_defaults(context=ContactCollection)
class ContactFileViews:
    """Views that import, preview and export contacts."""

    def __init__(self, context: ContactCollection, request: Any) -> None:
        self.tenant = context.tenant
        self.request = request
        self.region = self.tenant.identity.country
        settings = self.tenant.platform.settings
        self.max_bytes, self.max_rows = settings.max_import_bytes, settings.max_import_rows

    @view_config(
        name="import",
        request_method="POST",
        permission=Permission.CONTACT_IMPORT,
        query=ContactImportQuery,
        out=ContactImportOut,
        operation="import_contacts",
        summary="Import contacts from a CSV, JSON or vCard file",
        media={"body": (*sorted(CSV_TYPES | VCARD_TYPES), FORM)},
        json_file=ContactRows,
        form_fields=MAPPING_FIELD,
    )
    def import_file(self) -> Response:
        """The result of the import. All valid rows are written, in one transaction.

        The file is the body, under its media type, or the one file of a form. What is wrong with the other rows stands under
        `errors`. A repeated import with the same Idempotency-Key is done once.
        """
        upload, query = self._upload(ContactImportQuery)
        result = import_contacts(
            self.tenant.session,
            checked(self._contacts(upload, _format_of(upload), query.mapping), region=self.region),
            actor=self.tenant.actor,
            on_duplicate=query.on_duplicate,
            merge=partial(merged, region=self.region),
            dry_run=query.dry_run,
        )
        return json_response(result)

    @view_config(
        name="preview",
        request_method="POST",
        permission=Permission.CONTACT_IMPORT,
        query=ContactPreviewQuery,
        out=ContactPreviewOut,
        operation="preview_contacts",
        summary="Preview a CSV, JSON or vCard file of contacts before importing it",
        media={"body": (*sorted(CSV_TYPES | VCARD_TYPES), FORM)},
        json_file=ContactRows,
        form_fields=MAPPING_FIELD,
    )
    def preview_file(self) -> Response:
        """What the file contains and how it would be imported; nothing is written.

        The file is sent as for an import. `columns` says which field each column of a CSV file would fill.
        """
        upload, query = self._upload(ContactPreviewQuery)
        file_format = _format_of(upload)
        if file_format == "csv":
            csv_file = open_csv(
                upload.file, max_rows=self.max_rows, charset=upload.charset, mapping=query.mapping
            )
            return json_response(preview_of_csv(csv_file, self.region))
        contacts = self._contacts(upload, file_format, None)
        return json_response(preview_of_contacts(file_format, contacts, self.region))

    @view_config(
        name="export",
        request_method="GET",
        permission=Permission.CONTACT_EXPORT,
        query=ContactExportQuery,
        operation="export_contacts",
        gives=("Content-Disposition",),
        summary="Export contacts as CSV, JSON or vCard",
        media={"out": tuple(media_type.partition(";")[0] for media_type, _, _ in EXPORT_FORMATS.values())},
    )
    def export_file(self) -> Response:
        """The matching contacts as a file, sent while they are read.

        The filters are those of the list. Each format can be imported again without loss.
        """
        query = load_query(ContactExportQuery, query_pairs(self.request), context={"region": self.region})
        words = query.words()
        filters = query.filters() | ({"q": words} if words is not None else {})
        media_type, extension, write = EXPORT_FORMATS[query.format]
        batches = contacts_in_batches(self.tenant.reading, filters)
        first = next(batches, [])  # read before the status is sent, so that a failure can still be reported
        texts = write(contact for batch in chain([first], batches) for contact in batch)
        name = f'attachment; filename="contacts.{extension}"'
        headers = [("Content-Type", media_type), ("Content-Disposition", name), *PRIVATE]
        return Response(app_iter=_in_blocks(texts), headerlist=headers)

    def _upload(self, model: type[Q]) -> tuple[Upload, Q]:
        """Return the file and the query, to which a form may add a mapping in a field of its own."""
        query = load_query(model, query_pairs(self.request))
        upload = read_upload(self.request, self.max_bytes, frozenset({"mapping"}))
        if "mapping" in upload.fields:
            query = load_query(model, [*query_pairs(self.request), ("mapping", upload.fields["mapping"])])
        return upload, query

    def _contacts(self, upload: Upload, file_format: str, mapping: Mapping | None) -> Iterator[ParsedContact]:
        file, charset, max_rows = upload.file, upload.charset, self.max_rows
        if file_format == "json":
            return read_json_contacts(
                file, max_rows=max_rows, ignored=ContactDraft.READ_ONLY, charset=charset
            )
        if file_format == "vcard":
            return read_vcards(file, max_rows=max_rows, charset=charset, region=self.region)
        return read_csv(file, max_rows=max_rows, charset=charset, mapping=mapping, region=self.region)


def _format_of(upload: Upload) -> str:
    """Return the format, by media type or file name. Browsers send files under odd types."""
    name = upload.name.lower()
    for file_format, (media_types, extensions) in _IMPORT_FORMATS.items():
        if upload.media_type in media_types or name.endswith(extensions):
            return file_format
    raise Unsupported(
        "Send text/csv, text/tab-separated-values, text/vcard, application/json, or a form with such a file."
    )


def _in_blocks(texts: Iterator[str]) -> Iterator[bytes]:
    """Yield the text as UTF-8 in blocks of a size worth sending."""
    block: list[str] = []
    size = 0
    for text in texts:
        block.append(text)
        size += len(text)
        if size > 65_536:
            yield "".join(block).encode()
            block, size = [], 0
    yield "".join(block).encode()
