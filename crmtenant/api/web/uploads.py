"""Uploaded files: the body of a request, or the one file of a form."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from multipart import MultipartError, MultipartParser, MultipartPart, parse_options_header

from crmtenant.errors import FieldError, Malformed, TooLarge, Unsupported
from crmtenant.formats.effort import Effort

FORM = "multipart/form-data"
MOST_PARTS = 10
_LONGEST_FIELD = 65_536
_KEPT_IN_MEMORY = 1 << 20
#: Encodings that leave the bytes as they are; RFC 7578, section 4.7, knows no others in forms.
_PLAIN = frozenset({"7bit", "8bit", "binary"})


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with its declared type and name; `fields` are the other parts of the form.

    `effort` is what may be spent on it; reading `file` and what goes through `effort.rows` give account of it.
    """

    file: BinaryIO
    media_type: str
    charset: str | None
    effort: Effort
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def read_upload(request: Any, max_bytes: int, field_names: frozenset[str]) -> Upload:
    """Return the uploaded file.

    Raises:
        Unsupported: it is compressed, or encoded as a mail's part.
        TooLarge: it is longer than `max_bytes`.
        Malformed: the form cannot be read, has unknown fields, or not exactly one file.
    """
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("Send the file without Content-Encoding.")
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(f"The file may be at most {max_bytes} bytes long.")
    media_type, charset = _content_type(request.headers.get("Content-Type", ""))
    if media_type != FORM:
        return _upload(request, _spooled(request, max_bytes), media_type, charset)
    return _of_form(request, field_names)


def _spooled(request: Any, max_bytes: int) -> BinaryIO:
    """Return the body as a seekable file, on disk if it is large."""
    spool = SpooledTemporaryFile(max_size=_KEPT_IN_MEMORY)  # noqa: SIM115 (open while the request is)
    request.add_finished_callback(lambda _: spool.close())
    body, size = request.body_file, 0
    while block := body.read(1 << 16):
        size += len(block)
        if size > max_bytes:
            raise TooLarge(f"The file may be at most {max_bytes} bytes long.")
        spool.write(block)
    spool.seek(0)
    return cast("BinaryIO", spool)


def _content_type(header: str) -> tuple[str, str | None]:
    """Return media type and charset (RFC 9110, section 8.3.1), without judging either."""
    media_type, parameters = parse_options_header(header)
    return media_type, parameters.get("charset")


def _of_form(request: Any, field_names: frozenset[str]) -> Upload:
    parts = _parts(request)
    files = [part for part in parts if part.filename is not None]
    texts = {part.name: part for part in parts if part.filename is None}
    unknown = [
        FieldError(name, "unknown_field", "This form field does not exist.")
        for name in texts.keys() - field_names
    ]
    if unknown:
        raise Malformed("The form has unknown fields.", code="invalid_form", field_errors=tuple(unknown))
    if len(files) != 1 or any(part.size > _LONGEST_FIELD for part in texts.values()):
        raise Malformed(
            "The form must have exactly one file; its other fields must be short.", code="invalid_form"
        )
    (part,) = files
    fields = {name: _text(name, text) for name, text in texts.items()}
    media_type, charset = _content_type(part.headers.get("Content-Type", ""))
    file = cast("BinaryIO", part.file)
    return _upload(request, file, media_type, charset, name=part.filename or "", fields=fields)


def _upload(request: Any, file: BinaryIO, media_type: str, charset: str | None, **more: Any) -> Upload:
    effort = Effort(file.seek(0, os.SEEK_END), has_left(request))
    file.seek(0)
    return Upload(effort.file(file), media_type, charset, effort, **more)


def has_left(request: Any) -> Callable[[], bool]:
    """Return what tells whether the client waits no longer."""
    asked: Callable[[], bool] | None = request.environ.get("waitress.client_disconnected")
    return asked or (lambda: False)


def _parts(request: Any) -> list[MultipartPart]:
    """Return the parts of the form (RFC 7578), each as it is: parts of a part are not looked for."""
    _, parameters = parse_options_header(request.headers.get("Content-Type", ""))
    parts: list[MultipartPart] = []
    request.add_finished_callback(lambda _: [part.close() for part in parts])
    try:
        boundary = parameters.get("boundary", "").encode("latin-1")
        parts.extend(MultipartParser(request.body_file, boundary, part_limit=MOST_PARTS))
    except MultipartError:
        raise Malformed("The form cannot be read.", code="invalid_form") from None
    for part in parts:
        _require_plain(part)
    return parts


def _require_plain(part: MultipartPart) -> None:
    coding = part.headers.get("Content-Transfer-Encoding", "binary")
    if coding.strip().lower() not in _PLAIN:
        raise Unsupported("Send the parts of the form without Content-Transfer-Encoding.")


def _text(name: str, part: MultipartPart) -> str:
    try:
        return bytes(part.raw).decode("utf-8")
    except UnicodeDecodeError:
        detail = "This is not UTF-8."
        raise Malformed(
            "The form cannot be read.",
            code="invalid_form",
            field_errors=(FieldError(name, "invalid_encoding", detail),),
        ) from None
