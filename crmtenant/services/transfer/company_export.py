"""Everything a company has, in one zip file: JSON lines per table, its people, CSV for spreadsheets, a manifest.

The database is read in one snapshot, a batch at a time, and the file is written to the disk as it is read.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, Protocol

import orjson
from sqlalchemy import Text, bindparam, cast, func, literal_column, select, text, tuple_

from crmtenant import advisory_locks
from crmtenant.clock import now
from crmtenant.errors import Conflict
from crmtenant.formats.csv.delimiters import delimiter_for
from crmtenant.formats.csv.writer import csv_lines, table_lines
from crmtenant.services.transfer.company_files import (
    CONTACTS,
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    PEOPLE,
    file_of,
)
from crmtenant.services.transfer.contact_export import contacts_in_batches

if TYPE_CHECKING:
    from sqlalchemy import Select, Table

    from crmtenant.db.pool.snapshot import Snapshot
    from crmtenant.services.entities.registry import EntityRegistry

ROWS_AT_ONCE = 500

_ALONE = text(f"SELECT pg_try_advisory_xact_lock({advisory_locks.COMPANY_EXPORT})")
_REVISION = text("SELECT version_num FROM alembic_version")


class _Company(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def slug(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...


class _Member(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def role(self) -> str: ...


@dataclass(frozen=True, slots=True)
class ExportedCompany:
    """The company that is exported, and the delimiter of its tables for spreadsheets."""

    id: str
    name: str
    slug: str
    delimiter: str

    @classmethod
    def of(cls, company: _Company) -> ExportedCompany:
        """Return what an export says of this company; the delimiter is the usual one of its language and country."""
        delimiter = delimiter_for(company.language, company.country)
        return cls(company.id, company.name, company.slug, delimiter)


@dataclass(frozen=True, slots=True)
class ExportedMember:
    """One of its people, as the export lists them."""

    id: str
    name: str
    email: str
    role: str

    @classmethod
    def all_of(cls, members: Iterable[_Member]) -> list[ExportedMember]:
        """Return what an export says of these people."""
        return [cls(one.id, one.name, one.email, one.role) for one in members]


@lru_cache(maxsize=64)
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


def batches_in(snapshot: Snapshot, entities: EntityRegistry) -> int:
    """Return how many batches an export will have, to show its progress."""
    counts = (select(func.count()).select_from(table) for table in _tables(entities))
    return sum(-(-row[0] // ROWS_AT_ONCE) for count in counts for row in snapshot.rows(count))


def _tables(entities: EntityRegistry) -> list[Table]:
    """Return what is exported row by row: the nouns, and what their rows remember."""
    nouns = [entity.table for entity in entities.by_table.values()]
    return [*nouns, *(memory.table for memory in entities.memories)]


def export_company(
    snapshot: Snapshot,
    entities: EntityRegistry,
    company: ExportedCompany,
    people: Sequence[ExportedMember],
    target: IO[bytes],
    progress: Callable[[str, int], None] = lambda *_: None,
) -> Exported:
    """Write everything the company has into `target` and return what it holds.

    `progress` is called for each batch with the table and its number of rows.

    Raises: `Conflict` while another export of this company is being made.
    """
    if snapshot.row(_ALONE) != (True,):
        raise Conflict("An export of this company is being made already.", code="export_running")
    revision = snapshot.row(_REVISION)
    assert revision is not None
    made_at, files = now(), dict[str, Written]()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in _tables(entities):
            lines = _lines(snapshot, table, progress)
            files[file_of(table.name)] = _write(archive, file_of(table.name), lines)
        files[PEOPLE] = _write(archive, PEOPLE, [(_people(people), len(people))])
        files[CONTACTS] = _write(archive, CONTACTS, _contacts(snapshot, company.delimiter))
        names = {person.id: person.name for person in people}
        files |= _sheets(archive, snapshot, entities, names, company.delimiter)
        exported = Exported(revision[0], made_at, files)
        archive.writestr(MANIFEST, _manifest(exported, company))
    return exported


def _sheets(
    archive: zipfile.ZipFile,
    snapshot: Snapshot,
    entities: EntityRegistry,
    names: Mapping[str, str],
    delimiter: str,
) -> dict[str, Written]:
    return {
        sheet.file: _write(
            archive, sheet.file, _counted(table_lines(sheet.columns, sheet.rows(snapshot, names), delimiter))
        )
        for sheet in (entity.sheet for entity in entities)
        if sheet
    }


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
    following = _batch(table, is_first=False)
    keys = [f"after_{key.name}" for key in table.primary_key.columns]
    batch = snapshot.rows(_batch(table, is_first=True))
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


def _contacts(snapshot: Snapshot, delimiter: str) -> Iterator[tuple[bytes, int]]:
    """The live contacts; what is counted are contacts, of which one may have several lines."""
    seen = 0

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal seen
        for batch in contacts_in_batches(lambda: nullcontext(snapshot), {}):
            for contact in batch:
                seen += 1
                yield contact

    counted_before = 0
    for line in csv_lines(counted(), delimiter):
        yield line.encode(), seen - counted_before
        counted_before = seen


def _people(people: Sequence[ExportedMember]) -> bytes:
    return orjson.dumps([asdict(person) for person in people], option=orjson.OPT_INDENT_2)


def _manifest(exported: Exported, company: ExportedCompany) -> bytes:
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "company": {"id": company.id, "name": company.name, "slug": company.slug},
        **asdict(exported),
    }
    return orjson.dumps(manifest, option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2)
