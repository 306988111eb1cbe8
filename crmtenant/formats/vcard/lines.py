"""Content lines of vCards of every version: RFC 6350 section 3.2 and 3.3, and the habits of 2.1.

Lines are unfolded one by one. Values beyond `LONGEST_VALUE` are cut; pictures, sounds and keys are skipped.
"""

from __future__ import annotations

import quopri
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from crmtenant.formats.encoding import known_charset

LONGEST_VALUE = 1 << 18
"""Characters. A note may have 100,000."""
_LONGEST_HEAD = 4096

SKIPPED = frozenset({"PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE", "X-MS-OL-DESIGN"})

# Words that stood alone in 2.1, without the name of the parameter whose value they are.
_ENCODINGS = frozenset({"QUOTED-PRINTABLE", "BASE64", "B", "8BIT", "7BIT"})
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CHARACTER = re.compile(r"\\.|[^\\]|\\$", re.DOTALL)
_HEAD = re.compile(r'((?:[^":]|"[^"]*")*+):')
_BETWEEN = {mark: re.compile(rf'(?:[^"{mark}]|"[^"]*"|")++') for mark in ";,"}
_MOST_PARAMETERS = 50
_CARET = {"^n": "\n", "^^": "^", "^'": '"'}


@dataclass(slots=True)
class ContentLine:
    """One property: `item1.TEL;TYPE=work:123` has a group, a name, parameters and a value still escaped.

    Names of properties and parameters are in upper case. `is_cut` marks a value that was too long.
    """

    name: str
    value: str
    group: str = ""
    parameters: dict[str, list[str]] = field(default_factory=dict)
    is_cut: bool = False

    def types(self) -> list[str]:
        """Return the values of TYPE in lower case; quoted lists are split."""
        given = ",".join(self.parameters.get("TYPE", ())).lower().split(",")
        return [word.strip() for word in given if word.strip()]

    def parameter(self, name: str) -> str | None:
        """Return the first value of the parameter, or None."""
        return next(iter(self.parameters.get(name, ())), None)


def content_lines(lines: Iterable[str], encoding: str) -> Iterator[ContentLine]:
    """Yield the properties in order; lines without a colon are left out. `encoding` is that of the file."""
    original_encoding = "utf-8" if encoding.startswith("utf") else encoding
    for text, is_cut in _unfolded(lines):
        line = _parsed(text)
        if line is None:
            continue
        line.is_cut = is_cut
        if line.name in SKIPPED:
            line.value = ""
        else:
            _decode(line, original_encoding)
        yield line


def unescaped(value: str) -> str:
    r"""Return the text with `\n`, `\,`, `\;` and `\\` unescaped. Gmail escapes more (`\:`); a backslash always goes."""
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)


def split(value: str, separator: str) -> list[str]:
    """Return the parts of a structured value or list, still escaped."""
    if "\\" not in value:
        return value.split(separator)
    parts = [""]
    for piece in _CHARACTER.findall(value):
        if piece == separator:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Yield whole lines, and whether the end of each was cut."""
    pieces: list[str] = []
    size = 0
    is_cut = is_soft = False
    for physical in lines:
        line = physical.rstrip("\r\n")
        if pieces and (line[:1] in {" ", "\t"} or (is_soft and not _ends_card(line))):
            piece = line if is_soft else line[1:]
        else:
            if pieces:
                yield "".join(pieces), is_cut
            pieces, size, is_cut, piece = [], 0, False, line
        is_soft = line.endswith("=") and _is_quoted_printable(pieces[0] if pieces else line)
        if is_soft:
            piece = piece[:-1]
        if size + len(piece) > LONGEST_VALUE:
            piece, is_cut = piece[: max(0, LONGEST_VALUE - size)], True
        if piece or not pieces:
            pieces.append(piece)
        size += len(piece)
    if pieces:
        yield "".join(pieces), is_cut


def _ends_card(line: str) -> bool:
    return line[:9].upper() == "END:VCARD"


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
        line.value = _in_charset(quopri.decodestring(line.value.encode(encoding, "replace")), charset)
    elif charset and not line.value.isascii():
        line.value = _in_charset(line.value.encode(encoding, "replace"), charset)


def _in_charset(value: bytes, charset: str | None) -> str:
    """Return the bytes as text. A character cut in half, as telephones do to long values, becomes U+FFFD."""
    declared = known_charset(charset) if charset else None
    if declared:
        return value.decode(declared, "replace")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8" if charset else "cp1252", "replace")
