"""Files that come with a request: as its body, or as the one file of a form."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from crmtenant.errors import FieldError, Malformed, TooLarge, Unsupported

FORM = "multipart/form-data"
MOST_PARTS = 10
_LONGEST_FIELD = 65_536
_KEPT_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file with what was said of it; `fields` are the other parts of the form."""

    file: BinaryIO
    media_type: str
    charset: str | None
    name: str = ""
    fields: dict[str, str] = field(default_factory=dict)


def read_upload(request: Any, max_bytes: int, field_names: frozenset[str]) -> Upload:
    """The file. `TooLarge` beyond `max_bytes`, `Malformed` for a form that is none or has other fields."""
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Unsupported("Send the file without Content-Encoding.")
    if (request.content_length or 0) > max_bytes:
        raise TooLarge(f"The file may be at most {max_bytes} bytes long.")
    media_type, charset = _content_type(request.headers.get("Content-Type", ""))
    if media_type != FORM:
        return Upload(_spooled(request, max_bytes), media_type, charset)
    return _of_form(request, field_names)


def _spooled(request: Any, max_bytes: int) -> BinaryIO:
    """The body as a file of our own, on disk if it is large: what a server gives need not be a whole file."""
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
    message = Message()
    message["Content-Type"] = header.encode("ascii", "replace").decode("ascii")
    charset = message.get_param("charset")
    return message.get_content_type(), charset if isinstance(charset, str) else None


def _of_form(request: Any, field_names: frozenset[str]) -> Upload:
    _check_parts(request)
    try:
        parts = list(request.POST.items())
    except ValueError:  # a boundary that is none, names that are not UTF-8
        raise Malformed("The form cannot be read.", code="invalid_form") from None
    files = [(name, part) for name, part in parts if hasattr(part, "file")]
    texts = {name: part for name, part in parts if isinstance(part, str)}
    unknown = [
        # A part may have no name.
        FieldError(name or "", "unknown_field", "The form has no such field.")
        for name in texts.keys() - field_names
    ]
    if unknown:
        raise Malformed("The form has unknown fields.", code="invalid_form", field_errors=tuple(unknown))
    if len(files) != 1 or any(len(text) > _LONGEST_FIELD for text in texts.values()):
        raise Malformed("The form has exactly one file, and short fields beside it.", code="invalid_form")
    ((_, part),) = files
    media_type, charset = _content_type(part.headers.get("Content-Type", ""))
    return Upload(part.file, media_type, charset, part.filename or "", texts)


def _check_parts(request: Any) -> None:
    """Nothing comes back; `Malformed` for a form of thousands of parts, before anybody takes it apart."""
    file = request.body_file_seekable
    count = 0
    while block := file.read(1 << 20):
        count += block.lower().count(b"content-disposition:")
    file.seek(0)
    if count > MOST_PARTS:
        raise Malformed("The form has too many parts.", code="invalid_form")
