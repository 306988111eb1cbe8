"""The text of an uploaded file: which encoding it is in, verified over the whole file."""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from typing import BinaryIO, TypeVar

from charset_normalizer import from_bytes
from charset_normalizer.constant import IANA_SUPPORTED

from crmtenant.errors import DomainError, FieldError, Invalid, Unsupported

_BLOCK = 1 << 20
_EVIDENCE = 1 << 16
LONGEST_LINE = 1 << 22
"""Characters. No genuine export has a longer line, and each line is held in memory whole."""

T = TypeVar("T")

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


def decoded(file: BinaryIO, charset: str | None, examine: Callable[[io.TextIOWrapper], T]) -> T:
    """Return what `examine` makes of the file as text: line ends as they are, no byte order mark.

    `examine` is called again with another encoding where the file turns out not to be in UTF-8, and every
    byte is known to decode when it has returned. A byte order mark wins, then the declared charset, then
    UTF-8 if the whole file is that, then the likeliest of the encodings spreadsheets write.

    Raises:
        Unsupported: the charset is unknown.
        Invalid: the file is not in the encoding that the error names.
    """
    encoding = _evident_encoding(file, charset)
    if encoding is None:
        try:
            return _examined(file, "utf-8", examine)
        except UnicodeError:
            encoding = _likeliest(file)
    try:
        return _examined(file, encoding, examine)
    except UnicodeError:
        position = _first_undecodable(file, encoding)
        raise _undecodable(
            f"The file is not {encoding}: byte {position} begins no character of it."
        ) from None


def text_of(file: BinaryIO, charset: str | None = None) -> io.TextIOWrapper:
    """Return the file as text, at its start; encoding and errors as in `decoded`."""
    text = decoded(file, charset, lambda text: text)
    text.seek(0)
    return text


def _evident_encoding(file: BinaryIO, charset: str | None) -> str | None:
    """Return the encoding that the file's start or the client declares, or None."""
    file.seek(0)
    head = file.read(_EVIDENCE)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    return marked or (_declared(charset) if charset else None) or _utf16_without_mark(head)


def _examined(file: BinaryIO, encoding: str, examine: Callable[[io.TextIOWrapper], T]) -> T:
    """Return what `examine` makes of the file in this encoding.

    Raises:
        UnicodeError: a byte of the file does not decode, whatever else is wrong with it.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
    try:
        found = _examined_whole(text, examine)
    except BaseException:
        text.detach()  # otherwise it closes the file when it is collected
        raise
    return found


def _examined_whole(text: io.TextIOWrapper, examine: Callable[[io.TextIOWrapper], T]) -> T:
    try:
        found = examine(text)
    except DomainError:
        _read_on(text)
        raise
    _read_on(text)
    return found


def _read_on(text: io.TextIOWrapper) -> None:
    """Read the text to its end, so that what does not decode is found."""
    while text.read(_EVIDENCE):
        pass


def lines_of(text: io.TextIOBase) -> Iterator[str]:
    """Yield the lines with their ends; `Invalid` for one so long that it would fill the memory."""
    while line := text.readline(LONGEST_LINE):
        if len(line) == LONGEST_LINE:
            raise Invalid(FieldError("", "line_too_long", f"A line has more than {LONGEST_LINE} characters."))
        yield line


def known_charset(charset: str) -> str | None:
    """Return the charset's name in Python, or None; codecs that are not charsets (rot13, zip, idna) are unknown."""
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
    """Return which UTF-16 it is, if any: in most languages of spreadsheets, every other byte is often 0."""
    pairs = len(head) // 2
    if pairs and head[1::2].count(0) > pairs * 0.3 and head[0::2].count(0) < pairs * 0.05:
        return "utf-16-le"
    if pairs and head[0::2].count(0) > pairs * 0.3 and head[1::2].count(0) < pairs * 0.05:
        return "utf-16-be"
    return None


def _first_undecodable(file: BinaryIO, encoding: str) -> int | None:
    """Return the offset of the first byte that cannot be decoded, or None."""
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
    """Return the likeliest encoding of a spreadsheet, judged by the lines that are not plain ASCII.

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
