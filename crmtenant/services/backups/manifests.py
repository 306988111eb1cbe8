"""A backup's two files: `<stem>.dump`, from pg_dump, and `<stem>.json`, the manifest that says what it holds.

The manifest carries the dump's SHA-256, its own, and the seal of the installation that made it, and has one
serialization only, so no byte of either file can change unnoticed, and nobody else can make one. It is written last: a dump without a manifest was never finished. Both files get their names when
they are complete, and only their owner may read them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import orjson
from pydantic import (
    BaseModel,
    ConfigDict,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
)

from crmtenant.db.admin.checksums import Contents
from crmtenant.errors import OperatorError
from crmtenant.services.recovery.essentials import Essentials

if TYPE_CHECKING:
    from crmtenant.services.backups.seals import Seal

CATALOG = "_catalog"
DUMP, MANIFEST, UNFINISHED = ".dump", ".json", ".part"

_PRIVATE = 0o600
_PRIVATE_DIRECTORY = 0o700
_MAX_BYTES = 16 << 20
_BLOCK = 1 << 20
#: A manifest ends with its seal and its SHA-256.
_SEAL_AT_END = 512
_OPTIONS = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE


class RefusedBackup(OperatorError):
    """A backup that is not ours to restore here; whether it could be restored is not known."""


class _ManifestModel(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class ManifestMember(_ManifestModel):
    """A member of the company and their role."""

    user_id: str
    role: str


class BackupManifest(_ManifestModel):
    """What a dump holds, of which company, when and by whom it was made.

    In a backup of the catalog, the company's name and id are `CATALOG`, which no company can have. Releases before this
    one wrote no essentials.
    """

    format: Literal[1] = 1
    made_at: datetime
    made_by: str
    installation: str
    company_id: str
    company_slug: str
    company_name: str
    country: str | None = None
    currency: str | None = None
    language: str | None = None
    time_zone: str | None = None
    members: tuple[ManifestMember, ...] = ()
    essentials: Essentials | None = None
    schema_revision: str
    tables: dict[str, tuple[int, str]]
    sequences: dict[str, int]
    access: dict[str, str]
    dump_bytes: int
    dump_sha256: str

    @model_serializer(mode="wrap")
    def _without_missing(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        document: dict[str, Any] = serialize(self)
        if self.essentials is None:
            del document["essentials"]
        return document

    @property
    def is_catalog(self) -> bool:
        """Return whether this is a backup of the catalog."""
        return self.company_id == CATALOG

    @property
    def contents(self) -> Contents:
        """Return what the database held, to compare a restored one with."""
        return Contents(self.schema_revision, self.tables, self.sequences, self.access)


def file_stem(slug: str, made_at: datetime, token: str) -> str:
    """Return the name of a backup's files without suffix: `northwind-20261126T031500Z-3f9a1c`."""
    return f"{slug}-{made_at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{token}"


def manifest_file(path: Path) -> Path:
    """Return the manifest beside this dump, or the manifest itself."""
    return path.with_suffix(MANIFEST)


def write_dump(stem: Path, save: Callable[[BinaryIO], Contents]) -> tuple[Contents, int, str]:
    """Write the dump durably; return what `save` says it wrote, the size in bytes, and the SHA-256."""
    stem.parent.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    with _new_file(Path(f"{stem}{DUMP}")) as file:
        contents = save(file)
        file.seek(0)
        digest = _sha256(file)
        return contents, file.seek(0, os.SEEK_END), digest


def write_manifest(stem: Path, manifest: BackupManifest, seal: Seal) -> Path:
    """Write the manifest durably and sealed; return its file."""
    path = Path(f"{stem}{MANIFEST}")
    with _new_file(path) as file:
        file.write(_serialize(manifest, seal.of(_document(manifest))))
    return path


def read_manifest(path: Path, seal: Seal | None) -> BackupManifest:
    """Return the manifest of the backup that has this file.

    Raises `OperatorError` unless it is complete and unchanged and, if a seal is given, sealed by this installation.
    """
    file = manifest_file(path)
    try:
        text = file.read_bytes() if file.stat().st_size <= _MAX_BYTES else b""
        found = orjson.loads(text)
        manifest = BackupManifest.model_validate_json(orjson.dumps(found["manifest"]))
        own_seal = str(found.get("seal", ""))
    except FileNotFoundError:
        raise OperatorError(
            f"There is no {file}; a backup consists of a {DUMP} and a {MANIFEST} file."
        ) from None
    except (ValueError, ValidationError, KeyError, TypeError):
        raise OperatorError(f"{file} is not a backup's manifest, or is damaged.") from None
    if text != _serialize(manifest, own_seal):
        raise OperatorError(f"{file} was changed after it was written.")
    if seal is not None and not seal.fits(_document(manifest), own_seal):
        raise RefusedBackup(
            f"{file} {'does not have the seal' if own_seal else 'has no seal'} of this installation: it was made elsewhere,"
            " by an older release, or changed. --trust-foreign takes it all the same, which gives whoever made it"
            " the rights of our owner role and a company of his making."
        )
    return manifest


def is_any_sealed(directory: Path) -> bool:
    """Return whether there is a backup with a seal in the directory, whoever's."""
    return any(b'"seal"' in path.read_bytes()[-_SEAL_AT_END:] for path in directory.glob(f"*-*{MANIFEST}"))


@contextmanager
def open_dump(path: Path, manifest: BackupManifest) -> Iterator[BinaryIO]:
    """Open the dump at its beginning. Raises `OperatorError` unless it is what the manifest says, byte for byte."""
    file = path.with_suffix(DUMP)
    if not file.exists():
        raise OperatorError(f"There is no {file}; a backup consists of a {DUMP} and a {MANIFEST} file.")
    with file.open("rb") as dump:
        if os.fstat(dump.fileno()).st_size != manifest.dump_bytes:
            raise OperatorError(f"{file} is not as long as its manifest says.")
        if _sha256(dump) != manifest.dump_sha256:
            raise OperatorError(f"{file} is not what its manifest says: its SHA-256 differs.")
        dump.seek(0)
        # pg_restore reads from where the descriptor stands, which Python's buffer has left behind.
        os.lseek(dump.fileno(), 0, os.SEEK_SET)
        yield dump


def remove_files(path: Path) -> None:
    """Remove the backup's files, the manifest first: a dump alone is no backup."""
    manifest_file(path).unlink(missing_ok=True)
    path.with_suffix(DUMP).unlink(missing_ok=True)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := file.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _document(manifest: BackupManifest) -> bytes:
    return orjson.dumps(manifest.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)


def _serialize(manifest: BackupManifest, seal: str) -> bytes:
    """Return the file's bytes. Those of releases that had no seals have none."""
    digest = hashlib.sha256(_document(manifest)).hexdigest()
    plain: dict[str, Any] = {"manifest": manifest.model_dump(mode="json"), "sha256": digest}
    return orjson.dumps({**plain, **({"seal": seal} if seal else {})}, option=_OPTIONS)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """Open a private file that gets its name when the block ends, and is removed when the block raises."""
    unfinished = path.with_name(f".{path.name}{UNFINISHED}")
    descriptor = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, _PRIVATE)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        unfinished.rename(path)
        _sync(path.parent)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


def _sync(directory: Path) -> None:
    """Make the names in the directory survive a power failure."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
