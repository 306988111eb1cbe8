"""The characters of an uploaded file: which encoding they are in, proved over the whole file."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from crmtenant.errors import FieldError, Invalid, Unsupported

_BLOCK = 1 << 20
_EVIDENCE = 1 << 16
LONGEST_LINE = 1 << 22
"""Characters. Nothing a person exported has a longer line, and each is held in memory whole."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's mark, so it is tried first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PLAUSIBLE = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman", "cp437", "cp850"),
    *("koi8_r", "cp932", "euc_jp", "gb18030", "big5", "euc_kr"),
]


def text_of(file: BinaryIO, charset: str | None = None) -> io.TextIOWrapper:
    """The file as text, line ends as they are, without a byte order mark; every byte is known to decode.

    A byte order mark wins, then the declared charset, then UTF-8 if the whole file is that, then the
    likeliest of the encodings spreadsheets write. Errors: `Unsupported` for a charset we do not know,
    `Invalid` naming the encoding a file turned out not to be in.
    """
    encoding = encoding_of(file, charset)
    file.seek(0)
    return io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")


def encoding_of(file: BinaryIO, charset: str | None = None) -> str:
    """The name of the encoding the whole file decodes in; see `text_of`."""
    head = _head(file)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    encoding = marked or (_declared(charset) if charset else None) or _utf16_without_mark(head)
    if encoding is None and _flaw(file, "utf-8") is None:
        return "utf-8"
    encoding = encoding or _likeliest(file)
    flaw = _flaw(file, encoding)
    if flaw is not None:
        raise _undecodable(f"The file is not {encoding}: byte {flaw} begins no character of it.")
    return encoding


def lines_of(text: io.TextIOBase) -> Iterator[str]:
    """The lines with their ends. A line no file has in earnest is refused before it fills the memory."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Invalid(FieldError("", "line_too_long", f"A line has more than {LONGEST_LINE} characters."))
        yield line


def _head(file: BinaryIO) -> bytes:
    file.seek(0)
    return file.read(_EVIDENCE)


def known_charset(charset: str) -> str | None:
    """The charset's name in Python, or None; codecs that are no charsets (rot13, zip, idna) are unknown."""
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):  # ValueError: a name with a NUL in it
        return None
    # Python and the IANA list spell some names differently: iso8859-1 is latin_1, utf-8-sig has no entry.
    is_charset = name.replace("-", "_") in {*IANA_SUPPORTED, "iso8859_1", "utf_8_sig"}
    return name if is_charset else None


def _declared(charset: str) -> str:
    name = known_charset(charset)
    if name is None:
        raise Unsupported(f"The charset {charset[:40]!r} is not known.")
    return name


def _utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 gives itself away: in the languages spreadsheets are in, every other byte of it is often 0."""
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > pairs * 0.3 and head[0::2].count(0) < pairs * 0.05:
        return "utf-16-le"
    if pairs and head[0::2].count(0) > pairs * 0.3 and head[1::2].count(0) < pairs * 0.05:
        return "utf-16-be"
    return None


def _flaw(file: BinaryIO, encoding: str) -> int | None:
    """Where in the file (counted from 0) the first byte is that cannot be decoded, or None."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    position = 0
    while True:
        block = file.read(_BLOCK)
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block, final=not block)
        except UnicodeError as problem:
            start = problem.start if isinstance(problem, UnicodeDecodeError) else 0
            return max(0, position - pending + start)
        if not block:
            return None
        position += len(block)


def _likeliest(file: BinaryIO) -> str:
    """The encoding most like what a spreadsheet wrote, judged by the lines that are not plain ASCII.

    Windows-1252 wins whatever it reads as sensibly as the best: cp1250 and big5 can claim any short
    German or Spanish text too.
    """
    matches = from_bytes(_not_ascii(file), cp_isolation=_PLAUSIBLE)
    best = matches.best()
    if best is None:
        raise _undecodable("The file is neither UTF-8 nor in an encoding we recognise; declare its charset.")
    for match in matches:
        is_as_good = match.chaos <= best.chaos + 0.02 and match.coherence >= best.coherence - 0.2
        if is_as_good and "cp1252" in match.could_be_from_charset:
            return "cp1252"
    return str(best.encoding)


def _not_ascii(file: BinaryIO) -> bytes:
    file.seek(0)
    evidence = bytearray()
    while len(evidence) < _EVIDENCE and (line := file.readline(_EVIDENCE)):
        if not line.isascii():
            evidence += line
    return bytes(evidence)


def _undecodable(detail: str) -> Invalid:
    return Invalid(FieldError("", "undecodable", detail), detail=detail, code="undecodable")
