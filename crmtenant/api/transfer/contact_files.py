"""Import, preview and export contacts as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any, TypeVar

import orjson
from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.transfer.file_formats import CSV_TYPES, VCARD_TYPES, format_of
from crmtenant.api.web.batches import named
from crmtenant.api.web.http import PRIVATE, json_response, query_pairs
from crmtenant.api.web.uploads import FORM, Upload, read_upload
from crmtenant.formats.contacts_json import read_json_contacts
from crmtenant.formats.csv.delimiters import NAMED, delimiter_for
from crmtenant.formats.csv.reader import open_csv
from crmtenant.formats.csv.writer import csv_lines
from crmtenant.formats.encoding import text_of_folded
from crmtenant.formats.vcard.reader import vcards_of
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
from crmtenant.schemas.transfer.contact_source import Source, counted, noticed, original_rows
from crmtenant.services.changes.batches import IMPORTED
from crmtenant.services.changes.change_log import make_batch
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.transfer.contact_export import contacts_in_batches, with_uids
from crmtenant.services.transfer.contact_import import import_contacts
from crmtenant.services.transfer.contact_import_rows import ImportResult

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
        gives=("Batch",),
    )
    def import_file(self) -> Response:
        """The result of the import. Every row that is a contact is written, all in one transaction.

        The file is the body, under its media type, or the one file of a form. What could not be read stands under `errors`. A repeated import with the same Idempotency-Key is done once.
        """
        upload, query = self._upload(ContactImportQuery)
        source = self._source(upload, query.mapping)
        result = import_contacts(
            self.tenant.session,
            checked(source.contacts, region=self.region),
            actor=self.tenant.actor,
            on_duplicate=query.on_duplicate,
            merge=partial(merged, region=self.region),
            dry_run=query.dry_run,
        )
        originals = original_rows(source.csv, result) if query.rows and source.csv else {}
        batch_id = (
            None
            if query.dry_run
            else make_batch(
                self.tenant.session, self.tenant.actor, IMPORTED, CONTACT.name, title=upload.name or None
            )
        )
        told = {**counted(result), "batch_id": batch_id, **_decided(result)}
        return json_response({**told, **noticed(source.encoding), **originals}, headers=named(batch_id))

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
        source = self._source(upload, query.mapping, may_assume_header=True)
        if source.csv is not None:
            return json_response(preview_of_csv(source.csv, self.region))
        return json_response(preview_of_contacts(format_of(upload), source, self.region))

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
        context = {"region": self.region, "zone": self.tenant.clock.zone}
        query = load_query(ContactExportQuery, query_pairs(self.request), context=context)
        words = query.words()
        filters = query.filters() | ({"q": words} if words is not None else {})
        media_type, extension, write = EXPORT_FORMATS[query.format]
        batches = contacts_in_batches(self.tenant.reading, filters)
        if query.format == "vcard":
            batches = with_uids(self.tenant.reading, batches)
        first = next(batches, [])  # read before the status is sent, so that a failure can still be reported
        if query.format == "csv":
            write = partial(csv_lines, delimiter=self._delimiter(query))
        texts = write(contact for batch in chain([first], batches) for contact in batch)
        name = f'attachment; filename="contacts.{extension}"'
        headers = [("Content-Type", media_type), ("Content-Disposition", name), *PRIVATE]
        return Response(app_iter=_in_blocks(texts), headerlist=headers)

    def _delimiter(self, query: ContactExportQuery) -> str:
        identity = self.tenant.identity
        return (
            NAMED[query.delimiter] if query.delimiter else delimiter_for(identity.language, identity.country)
        )

    def _upload(self, model: type[Q]) -> tuple[Upload, Q]:
        """Return the file and the query, to which a form may add a mapping in a field of its own."""
        query = load_query(model, query_pairs(self.request))
        upload = read_upload(self.request, self.max_bytes, frozenset({"mapping"}))
        if "mapping" in upload.fields:
            query = load_query(model, [*query_pairs(self.request), ("mapping", upload.fields["mapping"])])
        return upload, query

    def _source(self, upload: Upload, mapping: Mapping | None, *, may_assume_header: bool = False) -> Source:
        source = self._parsed(upload, mapping, may_assume_header=may_assume_header)
        return replace(source, contacts=upload.effort.rows(source.contacts))

    def _parsed(self, upload: Upload, mapping: Mapping | None, *, may_assume_header: bool) -> Source:
        file, charset, max_rows = upload.file, upload.charset, self.max_rows
        file_format = format_of(upload)
        if file_format == "json":
            ignored = ContactDraft.READ_ONLY
            return Source(read_json_contacts(file, max_rows=max_rows, ignored=ignored, charset=charset))
        if file_format == "vcard":
            text = text_of_folded(file, charset)
            return Source(vcards_of(text, max_rows=max_rows, region=self.region), text.source)
        csv_file = open_csv(
            file, max_rows=max_rows, charset=charset, mapping=mapping, may_assume_header=may_assume_header
        )
        return Source(csv_file.contacts(self.region), csv_file.encoding, csv_file)


def _decided(result: ImportResult) -> dict[str, Any]:
    """Return who is who, if that is not obvious."""
    return {"decisions": result.decisions} if result.decisions else {}


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
