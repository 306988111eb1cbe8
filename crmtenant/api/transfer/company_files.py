"""Everything a company has as one file, out and in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import Any

from pyramid.response import Response
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.batches import named
from crmtenant.api.web.downloads import ZIP, zip_response
from crmtenant.api.web.http import json_response
from crmtenant.api.web.uploads import FORM, has_left, read_upload
from crmtenant.db.schema.migrations import head, revisions
from crmtenant.errors import FieldError, Invalid, Unavailable, Unsupported
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.transfer.company_archive import Archive
from crmtenant.schemas.transfer.company_import import company_import_document
from crmtenant.schemas.transfer.company_rows import read_id, read_row
from crmtenant.services.changes.batches import COMPANY, IMPORTED
from crmtenant.services.changes.change_log import make_batch
from crmtenant.services.entities.entity_type import EntityType
from crmtenant.services.transfer import company_import
from crmtenant.services.transfer.company_export import ExportedCompany, ExportedMember, export_company
from crmtenant.services.transfer.company_files import PEOPLE, file_of, names_of_files, refused, refused_file
from crmtenant.services.transfer.company_import import Known, People
from crmtenant.services.transfer.company_memories import write_memory

ZIP_TYPES = frozenset({ZIP, "application/x-zip-compressed"})
UNPACKED = 20
"""How many times larger than an upload may be what it unpacks to."""
_KEPT_IN_MEMORY = 1 << 20


@view_defaults(context=CompanyProfile)
class CompanyFileViews:
    """The export of a company and the import into one."""

    def __init__(self, context: CompanyProfile, request: Any) -> None:
        self.tenant = context.tenant
        self.request = request
        self.platform = self.tenant.platform
        self.company_id = self.tenant.identity.company_id
        self.entities = self.tenant.entities
        self.shapes: Mapping[str, Shapes] = request.registry.shapes

    @view_config(
        name="export",
        request_method="GET",
        permission=Permission.COMPANY_EXPORT,
        operation="export_company",
        gives=("Content-Disposition",),
        refuses=(409,),
        summary="Everything the company has, as a zip file",
        media={"out": (ZIP,)},
    )
    def export_file(self) -> Response:
        """The file, complete before the first byte is sent, so that a failure can still be reported."""
        company = self.platform.tenants.companies.get(self.company_id)
        found = self.platform.identity.memberships.all(self.company_id)
        file: Any = SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 (open until it is sent)
        try:
            with closing(self.tenant.snapshot()) as snapshot:
                exported = export_company(
                    snapshot,
                    self.entities,
                    ExportedCompany.of(company),
                    ExportedMember.all_of(found),
                    file,
                    progress=self._require_client,
                )
            return zip_response(file, f"{company.slug}-{exported.made_at:%Y-%m-%d}")
        except BaseException:
            file.close()
            raise

    def import_file(self) -> Response:
        """What came with the file; all in this one transaction, or nothing."""
        settings = self.platform.settings
        upload = read_upload(self.request, settings.max_import_bytes, frozenset())
        if upload.media_type not in ZIP_TYPES and not upload.name.lower().endswith(".zip"):
            raise Unsupported("Send application/zip, or a form with such a file.")
        self.effort = upload.effort
        session = self.tenant.session
        company_import.require_empty(session, self.entities)
        archive = Archive(upload.file, names_of_files(self.entities), UNPACKED * settings.max_import_bytes)
        is_older = _is_older(archive.manifest.schema_revision)
        archive.check()
        self._require_files(archive)
        people = self._people(archive)
        known = company_import.look_through(
            self.entities,
            lambda table: (
                self.effort.rows(archive.lines(file_of(table))) if archive.has(file_of(table)) else ()
            ),
            read_id,
        )
        self.tenant.room.take(sum(map(len, known.ids.values())))
        counts = {
            entity.name: company_import.write(
                session, entity, self._rows(archive, entity, known, is_older), known, people
            )
            for entity in self.entities.by_table.values()
        }
        for memory in self.entities.memories:
            file = file_of(memory.table.name)
            if archive.has(file):  # exports of earlier releases have none
                write_memory(session, memory, archive.lines(file), known)
        batch_id = make_batch(session, self.tenant.actor, IMPORTED, COMPANY, title=upload.name or None)
        return json_response(
            {
                **{entity.collection: counts[entity.name] for entity in self.entities},
                "people_kept": len(people.kept),
                "people_replaced": len(people.replaced),
                "batch_id": batch_id,
            },
            headers=named(batch_id),
        )

    def _require_client(self, *_: object) -> None:
        """Raise `Unavailable` when the client has left."""
        if has_left(self.request)():
            raise Unavailable("The client left before this was done.", code="client_left")

    def _people(self, archive: Archive) -> People:
        members = self.platform.identity.memberships.all(self.company_id)
        here = [(member.id, member.email) for member in members]
        exported = [(one.id, one.email) for one in archive.people()]
        return People(company_import.who_is_here(exported, here), self.tenant.identity.user_id)

    def _rows(
        self, archive: Archive, entity: EntityType, known: Known, is_older: bool
    ) -> Iterable[tuple[int, dict[str, Any]]]:
        file = file_of(entity.table.name)
        if not archive.has(file):
            return
        shapes, rules, region = (
            self.shapes[entity.name],
            known.rules[entity.name],
            self.tenant.identity.country,
        )
        for line, row in self.effort.rows(archive.lines(file)):
            try:
                values = read_row(
                    entity, shapes, row, is_older=is_older, region=region, related=rules.related(row)
                )
            except Invalid as refusal:
                raise refused(file, line, *refusal.field_errors) from None
            yield line, values

    def _require_files(self, archive: Archive) -> None:
        """Raise `Invalid` unless there is a file for every table that the export's schema had."""
        manifest = archive.manifest
        needed = [
            file_of(table)
            for table, entity in self.entities.by_table.items()
            if entity.since <= manifest.schema_revision
        ]
        for name in (*needed, PEOPLE):
            if name not in manifest.files:
                raise refused_file(name, "missing_file", "The file is missing.")


def _is_older(revision: str) -> bool:
    """Whether the export is of an earlier schema than ours; `Invalid` for one we do not know."""
    if revision not in revisions("tenant"):
        detail = "The export is of a release that this one does not know; update this installation first."
        raise Invalid(
            FieldError("/manifest.json/1/schema_revision", "unknown_schema", detail),
            detail=detail,
            code="unknown_schema",
        )
    return revision != head("tenant")


def includeme(config: Any) -> None:
    """Register the import, whose document names the nouns there are."""
    collections = [entity.collection for entity in config.registry.entity_tree.entities]
    config.add_view(
        CompanyFileViews,
        attr="import_file",
        context=CompanyProfile,
        name="import",
        request_method="POST",
        permission=Permission.COMPANY_IMPORT,
        operation="import_company",
        out=company_import_document(collections),
        summary="Import another company's export into this company, which is still empty",
        media={"body": (ZIP, FORM)},
        gives=("Batch",),
    )
