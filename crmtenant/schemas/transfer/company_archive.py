"""The zip file of an export, opened warily: nothing in it is believed before it was checked."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, BinaryIO, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crmtenant.errors import FieldError, Invalid, TooLarge
from crmtenant.formats.strict_json import has_too_many_values
from crmtenant.schemas.errors import field_errors_of
from crmtenant.services.transfer.company_files import (
    FORMAT,
    FORMAT_VERSION,
    MANIFEST,
    PEOPLE,
    refused,
    refused_file,
)

MOST_RATIO = 200
"""How much smaller a file may have become: text shrinks to a tenth, a bomb to a thousandth."""
UNJUDGED_BYTES = 1 << 20
LONGEST_LINE = 8 << 20
LONGEST_DOCUMENT = 8 << 20
LONGEST_DIRECTORY = 1 << 16
_END_OF_DIRECTORY = b"PK\x05\x06"
_LOCATOR_OF_LARGER = b"PK\x06\x07"
_SIZE_OF_END, _LENGTH_AT = 22, 12
_LONGEST_END = _SIZE_OF_END + (1 << 16) + 20
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ENCRYPTED = 0x1
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError,
    ValueError, OSError, OverflowError, LookupError,
)  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", hide_input_in_errors=True)


class FileFacts(_Strict):
    """What the manifest says of a file."""

    rows: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Exporter(_Strict):
    """The company that the file was made of."""

    id: str
    name: str
    slug: str


class Manifest(_Strict):
    """What an export says of itself."""

    format: Literal["crmtenant-company"]
    version: int
    company: Exporter
    schema_revision: str
    made_at: str
    files: dict[str, FileFacts]


class Somebody(_Strict):
    """A person as an export tells of them."""

    id: str
    name: str
    email: str
    role: str


class Archive:
    """An export, whose manifest has been read. `names` are those of the files it may have.

    Raises: `Invalid` or `TooLarge` for what is no export.
    """

    def __init__(self, file: BinaryIO, names: frozenset[str], max_unpacked: int) -> None:
        _require_short_directory(file)
        try:
            self._zip = zipfile.ZipFile(file)
            members = self._zip.infolist()
        except _BROKEN:
            raise _no_zip() from None
        _check(members, names, max_unpacked)
        self._names = {member.filename for member in members}
        self.manifest = self._manifest()

    def check(self) -> None:
        """Raise `Invalid` unless every file is the one the manifest lists."""
        listed = self.manifest.files
        for name in sorted(self._names - {MANIFEST} - listed.keys()):
            raise refused_file(name, "unknown_file", "The manifest does not tell of this file.")
        for name in sorted(listed):
            if name not in self._names or name == MANIFEST:
                raise refused_file(name, "missing_file", "The file is missing.")
            if self._sha256(name) != listed[name].sha256:
                raise refused_file(name, "wrong_sha256", "The file is not the one that was exported.")

    def lines(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """The objects of a file of JSON lines, and in which line each is."""
        count = 0
        with self._open(name) as file:
            while line := _line(file, name, count + 1):
                count += 1
                if count > self.manifest.files[name].rows:
                    raise _wrong_count(name, count, self.manifest.files[name].rows)
                yield count, _object(line, name, count)
        if count != self.manifest.files[name].rows:
            raise _wrong_count(name, count, self.manifest.files[name].rows)

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return name in self._names

    def people(self) -> list[Somebody]:
        """The people of the company that was exported."""
        try:
            entries = orjson.loads(self._document(PEOPLE))
        except orjson.JSONDecodeError:
            raise refused(PEOPLE, 1, FieldError("", "no_json", "This is no JSON.")) from None
        if not isinstance(entries, list):
            raise refused(PEOPLE, 1, FieldError("", "invalid_type", "This must be an array."))
        if len(entries) != self.manifest.files[PEOPLE].rows:
            raise refused_file(PEOPLE, "wrong_count", f"It tells of {len(entries)} people.")
        try:
            return [Somebody.model_validate(entry) for entry in entries]
        except ValidationError as error:
            raise refused(PEOPLE, 1, *field_errors_of(error, read_only=frozenset())) from None

    def _manifest(self) -> Manifest:
        try:
            document = orjson.loads(self._document(MANIFEST))
        except orjson.JSONDecodeError:
            raise refused(MANIFEST, 1, FieldError("", "no_json", "This is no JSON.")) from None
        if isinstance(document, dict) and (
            document.get("format") != FORMAT or document.get("version") != FORMAT_VERSION
        ):
            detail = "This is no export we can read; it may be of a newer release."
            raise Invalid(
                FieldError(f"/{MANIFEST}/1", "unknown_format", detail), detail=detail, code="unknown_format"
            )
        try:
            return Manifest.model_validate(document)
        except ValidationError as error:
            raise refused(MANIFEST, 1, *field_errors_of(error, read_only=frozenset())) from None

    def _document(self, name: str) -> bytes:
        with self._open(name) as file:
            content = _read(file, name, LONGEST_DOCUMENT + 1)
        if len(content) > LONGEST_DOCUMENT or has_too_many_values(content):
            raise TooLarge(f"{name} is too long.")
        return content

    def _sha256(self, name: str) -> str:
        digest = hashlib.sha256()
        with self._open(name) as file:
            while block := _read(file, name, 1 << 18):
                digest.update(block)
        return digest.hexdigest()

    @contextmanager
    def _open(self, name: str) -> Iterator[IO[bytes]]:
        if name not in self._names:
            raise refused_file(name, "missing_file", "The file is missing.")
        try:
            file = self._zip.open(name)
        except _BROKEN:
            raise _unreadable(name) from None
        with file:
            yield file


def _require_short_directory(file: BinaryIO) -> None:
    """Refuse a zip file whose list of contents is longer than an export's can be, before it is read.

    APPNOTE.TXT, sections 4.3.14 to 4.3.16. Ours end with that list and no comment.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _LONGEST_END))
    end = file.read()
    file.seek(0)
    at = end.rfind(_END_OF_DIRECTORY)
    if at < 0 or len(end) - at < _SIZE_OF_END:
        raise _no_zip()
    (length,) = struct.unpack_from("<L", end, at + _LENGTH_AT)
    if length > LONGEST_DIRECTORY or _LOCATOR_OF_LARGER in end[:at]:
        raise TooLarge("The zip file has more files than an export.")


def _no_zip() -> Invalid:
    detail = "This is no zip file."
    return Invalid(FieldError("", "no_zip", detail), detail=detail, code="invalid_import")


def _wrong_count(name: str, count: int, listed: int) -> Invalid:
    return refused_file(name, "wrong_count", f"It has {count} rows, not {listed}.")


def _check(members: list[zipfile.ZipInfo], names: frozenset[str], max_unpacked: int) -> None:
    """Refuse foreign names, names that are there twice, and files larger than we would unpack."""
    seen = set[str]()
    for member in members:
        shown = ascii(member.filename)[1:-1][:100]
        if member.filename in seen:
            raise refused_file(shown, "duplicate_file", "The file is there twice.")
        if member.filename not in names:
            raise refused_file(shown, "unknown_file", "An export has no such file.")
        if member.compress_type not in _METHODS or member.flag_bits & _ENCRYPTED:
            raise refused_file(shown, "unreadable_file", "It is packed in a way we do not read.")
        if member.file_size > UNJUDGED_BYTES and member.file_size > MOST_RATIO * member.compress_size:
            raise TooLarge(f"{shown} grows too much when it is unpacked.")
        seen.add(member.filename)
    if sum(member.file_size for member in members) > max_unpacked:
        raise TooLarge(f"Unpacked, the file may be at most {max_unpacked} bytes long.")


def _read(file: IO[bytes], name: str, size: int) -> bytes:
    try:
        return file.read(size)
    except _BROKEN:
        raise _unreadable(name) from None


def _line(file: IO[bytes], name: str, number: int) -> bytes:
    try:
        line = file.readline(LONGEST_LINE + 1)
    except _BROKEN:
        raise _unreadable(name) from None
    if len(line) > LONGEST_LINE:
        raise refused(name, number, FieldError("", "too_long", "The line is too long."))
    return line


def _object(line: bytes, name: str, number: int) -> dict[str, Any]:
    if has_too_many_values(line):
        raise refused(name, number, FieldError("", "too_long", "The line is too long."))
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise refused(name, number, FieldError("", "no_json", "This is no JSON.")) from None
    if not isinstance(found, dict):
        raise refused(name, number, FieldError("", "not_an_object", "This must be a JSON object."))
    return found


def _unreadable(name: str) -> Invalid:
    return refused_file(name, "unreadable_file", "The file is damaged.")
