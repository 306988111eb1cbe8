"""Content lines of vCards of every version: RFC 6350 section 3.2 and 3.3, and the habits of 2.1.

Lines are unfolded one by one. Values beyond `LONGEST_VALUE` are cut; pictures, sounds and keys are skipped.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crmtenant.formats.encoding import Text, known_charset, lines_of
from crmtenant.formats.stray_bytes import KEEP, has_stray, rejoined, western

LONGEST_VALUE = 1 << 18
"""Characters. A note may have 100,000."""
_LONGEST_HEAD = 4096

SKIPPED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE", "X-MS-OL-DESIGN"})

# Words that stood alone in 2.1, without the name of the parameter whose value they are.
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
# A character of UTF-8 in quoted-printable, of which the rest is on the next line.
_CUT_CHARACTER = re.compile(
    r"=(?:[CD][0-9A-F]|E[0-9A-F](?:=[89AB][0-9A-F])?|F[0-7](?:=[89AB][0-9A-F]){0,2})\Z", re.IGNORECASE
)
_REST_OF_CHARACTER = re.compile(r"[ \t]=[89AB][0-9A-F]", re.IGNORECASE)
_LONGEST_CUT = 12
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SEPARATORS = {mark: re.compile(rf"\\.|{mark}", re.DOTALL) for mark in ";,"}
_HEAD = re.compile(r'((?:[^":]|"[^"]*")*+):')
_BETWEEN = {mark: re.compile(rf'(?:[^"{mark}]|"[^"]*"|")++') for mark in ";,"}
_MOST_PARAMETERS = 50
_CARET = {"^n": "\n", "^^": "^", "^'": '"'}


@dataclass(slots=True)
class ContentLine:
    """One property: `item1.TEL;TYPE=work:123` has a group, a name, parameters and a value still escaped.

    Names of properties and parameters are in upper case. `is_cut` marks a value that was too long, `is_guessed`
    one with bytes that had to be guessed.
    """

    name: str
    value: str
    group: str = ""
    parameters: dict[str, list[str]] = field(default_factory=dict)
    is_cut: bool = False
    is_guessed: bool = False

    def types(self) -> list[str]:
        """Return the values of TYPE in lower case; quoted lists are split."""
        given = ",".join(self.parameters.get("TYPE", ())).lower().split(",")
        return [word.strip() for word in given if word.strip()]

    def parameter(self, name: str) -> str | None:
        """Return the first value of the parameter, or None."""
        return next(iter(self.parameters.get(name, ())), None)


def content_lines(file: Text) -> Iterator[ContentLine]:
    """Yield the properties in order; lines without a colon are left out."""
    encoding = "utf-8" if file.encoding.startswith("utf") else file.encoding
    for text, is_cut in _unfolded(lines_of(file)):
        line = _parsed(rejoined(text))
        if line is None:
            continue
        line.is_cut = is_cut
        if line.name in SKIPPED:
            line.value = ""
        else:
            _decode(line, encoding)
            _settle_stray(line, is_told=file.source.is_told_by_row)
        yield line


def _settle_stray(line: ContentLine, *, is_told: bool) -> None:
    line.name = western(line.name)
    if has_stray(line.value):
        line.value, line.is_guessed = western(line.value), is_told
    if any(has_stray(value) for values in line.parameters.values() for value in values):
        line.parameters = {
            name: [western(value) for value in values] for name, values in line.parameters.items()
        }


def unescaped(value: str) -> str:
    r"""Return the text with `\n`, `\,`, `\;` and `\\` unescaped. Gmail escapes more (`\:`); a backslash always goes."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def split(value: str, separator: str) -> list[str]:
    """Return the parts of a structured value or list, still escaped."""
    if "\\" not in value:
        return value.split(separator)
    ends = [found.start() for found in _SEPARATORS[separator].finditer(value) if found[0] == separator]
    return [value[start:end] for start, end in zip([0, *(e + 1 for e in ends)], [*ends, None], strict=True)]


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield whole lines, and whether the end of each was cut."""
    whole: _Whole | None = None
    for physical in lines:
        line = physical.rstrip("\r\n")
        if whole is not None and whole.goes_on_in(line):
            whole.add(line)
        else:
            if whole is not None:
                yield whole.text, whole.is_cut
            whole = _Whole(line)
    if whole is not None:
        yield whole.text, whole.is_cut


class _Whole:
    """A line put together from the lines it was folded into."""

    def __init__(self, line: str) -> None:
        self.is_cut = False
        self._pieces: list[str] = []
        self._size = 0
        self._is_quoted_printable = _is_quoted_printable(line)
        self._is_soft = self._has_blank = self._has_encoded_blank = False
        self._append(line, line.partition(":")[2])

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def goes_on_in(self, line: str) -> bool:
        """Return whether the next line belongs to this one."""
        return _is_indented(line) or (self._is_soft and line[:9].upper() != "END:VCARD")

    def add(self, line: str) -> None:
        """Add the next line, without the space of a fold."""
        is_fold = _is_indented(line) and (not self._is_soft or self._is_folded_too(line))
        piece = line[1:] if is_fold else line
        self._append(piece, piece)

    def _append(self, piece: str, value: str) -> None:
        self._is_soft = piece.endswith("=") and self._is_quoted_printable
        if self._is_soft:
            piece = piece[:-1]
            self._has_blank |= " " in value
            self._has_encoded_blank |= "=20" in value
        if self._size + len(piece) > LONGEST_VALUE:
            piece, self.is_cut = piece[: max(0, LONGEST_VALUE - self._size)], True
        if piece or not self._pieces:
            self._pieces.append(piece)
        self._size += len(piece)

    def _is_folded_too(self, line: str) -> bool:
        """Return whether the space after a soft line break of quoted-printable is a fold, not a space of the text.

        It is one within a character, and where the text has its own spaces encoded or none at all.
        """
        tail = "".join(piece[-_LONGEST_CUT:] for piece in self._pieces[-_LONGEST_CUT:])[-_LONGEST_CUT:]
        if _CUT_CHARACTER.search(tail) and _REST_OF_CHARACTER.match(line):
            return True
        return not self._has_blank and (self._has_encoded_blank or line[1:2] == "=")


def _is_indented(line: str) -> bool:
    return line[:1] in {" ", "\t"}


def _is_quoted_printable(line: str) -> bool:
    return "QUOTED-PRINTABLE" in line[:_LONGEST_HEAD].partition(":")[0].upper()


def _parsed(text: str) -> ContentLine | None:
    """Return the line split at its colon, or None without one; quoted colons belong to a parameter."""
    start = text[:_LONGEST_HEAD]
    found = _HEAD.match(start)
    head = found[1] if found else start.partition(":")[0]  # an unmatched quote: 2.1 had no quoting
    if len(head) == len(start):
        return None
    pieces = _BETWEEN[";"].findall(head) or [""]
    group, _, name = pieces[0].strip().rpartition(".")
    line = ContentLine(name.upper(), text[len(head) + 1 :], group.lower())
    for piece in pieces[1:_MOST_PARAMETERS]:
        _add_parameter(line, piece)
    return line


def _add_parameter(line: ContentLine, piece: str) -> None:
    name, equals, value = piece.partition("=")
    if not equals:
        name, value = ("ENCODING" if piece.strip().upper() in _ENCODINGS else "TYPE"), piece
    values = [
        re.sub(r"\^[n^']", lambda found: _CARET[found[0]], part.strip('" '))
        for part in _BETWEEN[","].findall(value)
    ]
    line.parameters.setdefault(name.strip().upper(), []).extend(values)


def _decode(line: ContentLine, encoding: str) -> None:
    charset = line.parameter("CHARSET")
    if (line.parameter("ENCODING") or "").upper() == "QUOTED-PRINTABLE":
        line.value = _in_charset(quopri.decodestring(_bytes(line.value, encoding)), charset)
    elif charset and not line.value.isascii():
        line.value = _in_charset(_bytes(line.value, encoding), charset)


def _bytes(value: str, encoding: str) -> bytes:
    return value.encode(encoding, KEEP if encoding == "utf-8" else "replace")


def _in_charset(value: bytes, charset: str | None) -> str:
    """Return the bytes as text. A character cut in half, as telephones do to long values, becomes U+FFFD."""
    declared = known_charset(charset) if charset else None
    if declared:
        return value.decode(declared, "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8" if charset else "cp1252", "replace")
