"""The text of an uploaded file: which encoding it is in, found out and verified over the whole file.

A file in UTF-8 stays one, whatever single bytes of it are: those are read one by one (`stray_bytes`).
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, TypeVar

from charset_normalizer.constant import IANA_SUPPORTED

from crmtenant.errors import DomainError, FieldError, Invalid, TooLarge, Unsupported
from crmtenant.formats.likeliest import EVIDENCE, Encoding, likeliest, lines_beyond_ascii, unfolded_after_cr
from crmtenant.formats.stray_bytes import KEEP

_BLOCK = 1 << 20
LONGEST_LINE = 1 << 22
"""Characters. No genuine export has a longer line, and each line is held in memory whole."""
FREE_LINES = 150_000
SHORTEST_LINES = 8
"""Characters of a line on the average, its end included, in a file of more than `FREE_LINES`. Each line costs time,
however short it is; a genuine export has longer ones."""

T = TypeVar("T")

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's mark, so it is tried first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF_8 = frozenset({"utf-8", "utf-8-sig"})


class Text(io.TextIOWrapper):
    """A file as text, line ends as they are. `source` is the encoding it is read in."""

    source: Encoding


def opened(file: BinaryIO, source: Encoding) -> Text:
    """Return the file as text in this encoding, at its start."""
    file.seek(0)
    text = Text(file, encoding=source.name, errors=source.errors, newline="")
    text.source = source
    return text


def decoded(file: BinaryIO, charset: str | None, examine: Callable[[Text], T]) -> T:
    """Return what `examine` makes of the file as text: line ends as they are, no byte order mark.

    `examine` is called again with another encoding where the file turns out not to be in UTF-8, and every
    byte is known to decode when it has returned. A byte order mark wins, then the declared charset, then
    UTF-8 if the whole file is that, then UTF-8 with single bytes of Windows-1252, or the likeliest of the
    encodings spreadsheets write.

    Raises:
        Unsupported: the charset is unknown.
        Invalid: the file is not in the encoding that the error names.
    """
    marked, declared = _evident_encodings(file, charset)
    encoding = Encoding(marked or declared or "utf-8")
    try:
        return _examined(file, encoding, examine)
    except UnicodeError:
        if marked not in _UTF_8 and (marked or declared):
            raise _wrong(file, encoding) from None
    encoding = Encoding(marked, KEEP, is_told_by_row=True) if marked else _guessed(file)
    try:
        return _examined(file, encoding, examine)
    except UnicodeError:
        raise _wrong(file, encoding) from None


def text_of(file: BinaryIO, charset: str | None = None) -> Text:
    """Return the file as text, at its start; encoding and errors as in `decoded`."""
    text = decoded(file, charset, lambda text: text)
    text.seek(0)
    return text


def text_of_folded(file: BinaryIO, charset: str | None = None) -> Text:
    """Return a file whose lines are folded between bytes (vCards), at its start.

    Text in UTF-8 has stray bytes where a fold lies within a character; they are whole again once the lines are
    unfolded (`stray_bytes.rejoined`). Otherwise as `text_of`.
    """
    marked, declared = _evident_encodings(file, charset)
    evident = marked or declared
    if evident is None and _is_folded_utf_8(file):
        return opened(file, Encoding("utf-8", KEEP, is_told_by_row=True))
    if evident in _UTF_8:
        return opened(file, Encoding(evident or "utf-8", KEEP, is_told_by_row=True))
    if evident:
        return text_of(file, charset)
    encoding = _guessed(file, is_folded=True)
    if encoding.errors == "strict":
        text = text_of(file, encoding.name)
        text.source = encoding
        return text
    return opened(file, replace(encoding, errors=KEEP))


def _evident_encodings(file: BinaryIO, charset: str | None) -> tuple[str | None, str | None]:
    """Return the encoding that the file's start shows and the one the client declares, each if there is one."""
    file.seek(0)
    head = file.read(EVIDENCE)
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    declared = _declared(charset) if charset and not marked else None
    return (marked or (None if declared else _utf16_without_mark(head))), declared


def _is_folded_utf_8(file: BinaryIO) -> bool:
    """Return whether the file is UTF-8 once its lines are unfolded."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_start, is_pending = True, False
    file.seek(0)
    try:
        while piece := file.readline(_BLOCK):
            line = unfolded_after_cr(piece)
            is_fold = is_start and line[:1] in {b" ", b"\t"}
            if is_pending and is_start and not is_fold:
                return False
            is_start = line.endswith(b"\n")
            if is_pending or not line.isascii():
                decoder.decode(line[is_fold:].rstrip(b"\r\n"))
                is_pending = bool(decoder.getstate()[0])
    except UnicodeDecodeError:
        return False
    return not is_pending


def _examined(file: BinaryIO, encoding: Encoding, examine: Callable[[Text], T]) -> T:
    """Return what `examine` makes of the file in this encoding.

    Raises:
        UnicodeError: a byte of the file does not decode, whatever else is wrong with it.
    """
    text = opened(file, encoding)
    try:
        found = _examined_whole(text, examine)
    except BaseException:
        text.detach()  # otherwise it closes the file when it is collected
        raise
    return found


def _examined_whole(text: Text, examine: Callable[[Text], T]) -> T:
    try:
        found = examine(text)
    except DomainError:
        _read_on(text)
        raise
    _read_on(text)
    return found


def _read_on(text: io.TextIOWrapper) -> None:
    """Read the text to its end, so that what does not decode is found."""
    while text.read(EVIDENCE):
        pass


def lines_of(text: io.TextIOBase) -> Iterator[str]:
    """Yield the lines with their ends.

    Raises:
        Invalid: one is so long that it would fill the memory.
        TooLarge: there are very many with hardly anything in them.
    """
    count = size = 0
    while line := text.readline(LONGEST_LINE):
        count += 1
        size += len(line)
        if len(line) == LONGEST_LINE:
            raise Invalid(FieldError("", "line_too_long", f"A line has more than {LONGEST_LINE} characters."))
        if count > FREE_LINES and size < count * SHORTEST_LINES:
            raise TooLarge("The file has very many lines with hardly anything in them.", code="empty_lines")
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


def _guessed(file: BinaryIO, *, is_folded: bool = False) -> Encoding:
    """Return the likeliest encoding; `Invalid` if the file is no text that we recognise."""
    found = likeliest(lines_beyond_ascii(file, is_folded=is_folded))
    if found is None:
        raise _undecodable("The file is neither UTF-8 nor in an encoding we recognise; declare its charset.")
    return found


def _wrong(file: BinaryIO, encoding: Encoding) -> Invalid:
    position = _first_undecodable(file, encoding.name)
    return _undecodable(f"The file is not {encoding.name}: byte {position} begins no character of it.")


def _undecodable(detail: str) -> Invalid:
    return Invalid(FieldError("", "undecodable", detail), detail=detail, code="undecodable")
