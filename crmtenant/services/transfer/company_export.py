"""Everything a company has, in one zip file: JSON lines per table, its people, CSV for spreadsheets, a manifest.

The database is read in one snapshot, a batch at a time, and the file is written to the disk as it is read.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import IO, TYPE_CHECKING, Any, Protocol

import orjson
from sqlalchemy import Text, bindparam, cast, func, literal_column, select, text, tuple_

from crmtenant.clock import now
from crmtenant.errors import Conflict
from crmtenant.services.transfer.company_sheets import SHEETS, rows_of
from crmtenant.services.transfer.company_tables import (
    CONTACTS,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    PEOPLE,
    TABLES,
    file_of,
)
from crmtenant.services.transfer.contact_export import contacts_in_batches

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

    from crmtenant.db.pool.snapshot import Snapshot
    from crmtenant.services.identity.members import Member
    from crmtenant.services.tenants.companies import CompanyRecord

ROWS_AT_ONCE = 500
EXPORTING = 7_241_904
"""The advisory lock of whoever exports: two at once would only take connections from those who work."""

_ALONE = text(f"SELECT pg_try_advisory_xact_lock({EXPORTING})")
_REVISION = text("SELECT version_num FROM alembic_version")


class Spreadsheets(Protocol):
    """How tables for people are written: the pieces of a file, to be sent as UTF-8."""

    def csv_lines(self, contacts: Iterable[dict[str, Any]]) -> Iterator[str]: ...
    def table_lines(self, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]: ...


def _batch(table: Table, *, is_first: bool) -> Select[Any]:
    """The next rows by primary key: their JSON, and the key to go on from."""
    keys = list(table.primary_key.columns)
    rows = select(table).order_by(*keys).limit(ROWS_AT_ONCE)
    if not is_first:
        rows = rows.where(
            tuple_(*keys) > tuple_(*(bindparam(f"after_{key.name}", type_=key.type) for key in keys))
        )
    batch = rows.subquery("batch")
    own = [batch.c[key.name] for key in keys]
    as_json = cast(func.row_to_json(literal_column("batch")), Text)
    return select(as_json, *own).select_from(batch).order_by(*own)


_BATCHES = {table.name: (_batch(table, is_first=True), _batch(table, is_first=False)) for table in TABLES}
_COUNTS = {table.name: select(func.count()).select_from(table) for table in TABLES}


@dataclass(frozen=True, slots=True)
class Written:
    """One file of an export."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds."""

    schema_revision: str
    made_at: datetime
    files: dict[str, Written]


@dataclass(slots=True)
class _Part:
    """A file being written, and what is known of it so far."""

    file: IO[bytes]
    rows: int = 0
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, content: bytes) -> None:
        self.file.write(content)
        self.digest.update(content)


def batches_in(snapshot: Snapshot) -> int:
    """How many batches an export will have, to tell how far it is."""
    return sum(-(-row[0] // ROWS_AT_ONCE) for count in _COUNTS.values() for row in snapshot.rows(count))


def export_company(
    snapshot: Snapshot,
    company: CompanyRecord,
    people: Sequence[Member],
    target: IO[bytes],
    spreadsheets: Spreadsheets,
    *,
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Exported:
    """What `target` holds now. `progress` hears of each batch: the table and its rows. `Conflict` while another export
    of this company is being made."""
    if snapshot.row(_ALONE) != (True,):
        raise Conflict("An export of this company is being made already.", code="export_running")
    revision = snapshot.row(_REVISION)
    assert revision is not None
    made_at, files = now(), dict[str, Written]()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in TABLES:
            files[file_of(table.name)] = _write(
                archive, file_of(table.name), _lines(snapshot, table, progress)
            )
        files[PEOPLE] = _write(archive, PEOPLE, [(_people(people), len(people))])
        files[CONTACTS] = _write(archive, CONTACTS, _contacts(snapshot, spreadsheets))
        names = {person.id: person.name for person in people}
        for sheet in SHEETS:
            lines = spreadsheets.table_lines(sheet.columns, rows_of(sheet, snapshot, names))
            files[sheet.file] = _write(archive, sheet.file, _counted(lines))
        exported = Exported(revision[0], made_at, files)
        archive.writestr(MANIFEST, _manifest(exported, company))
    return exported


def _write(archive: zipfile.ZipFile, name: str, parts: Iterable[tuple[bytes, int]]) -> Written:
    with archive.open(name, "w", force_zip64=True) as file:
        part = _Part(file)
        for content, rows in parts:
            part.write(content)
            part.rows += rows
    return Written(part.rows, part.digest.hexdigest())


def _lines(
    snapshot: Snapshot, table: Table, progress: Callable[[str, int], None]
) -> Iterator[tuple[bytes, int]]:
    first, following = _BATCHES[table.name]
    keys = [f"after_{key.name}" for key in table.primary_key.columns]
    batch = snapshot.rows(first)
    while batch:
        yield "".join(f"{row[0]}\n" for row in batch).encode(), len(batch)
        progress(table.name, len(batch))
        if len(batch) < ROWS_AT_ONCE:
            return
        batch = snapshot.rows(following, dict(zip(keys, batch[-1][1:], strict=True)))


def _counted(lines: Iterator[str]) -> Iterator[tuple[bytes, int]]:
    """A header, and a row a piece."""
    yield next(lines).encode(), 0
    for line in lines:
        yield line.encode(), 1


def _contacts(snapshot: Snapshot, spreadsheets: Spreadsheets) -> Iterator[tuple[bytes, int]]:
    """The live contacts; what is counted are contacts, of which one may have several lines."""
    seen = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal seen
        for batch in contacts_in_batches(lambda: nullcontext(snapshot), {}):
            for contact in batch:
                seen += 1
                yield contact

    told = 0
    for line in spreadsheets.csv_lines(counted()):
        yield line.encode(), seen - told
        told = seen


def _people(people: Sequence[Member]) -> bytes:
    told = [{"id": one.id, "name": one.name, "email": one.email, "role": one.role} for one in people]
    return orjson.dumps(told, option=orjson.OPT_INDENT_2)


def _manifest(exported: Exported, company: CompanyRecord) -> bytes:
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "company": {"id": company.id, "name": company.name, "slug": company.slug},
        **asdict(exported),
    }
    return orjson.dumps(manifest, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
