"""Guess the encoding of a file that declares none and is not in UTF-8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from charset_normalizer import from_bytes

from crmtenant.formats.latin import likeliest_latin
from crmtenant.formats.stray_bytes import KEEP, WESTERN, count_stray, has_stray

EVIDENCE = 1 << 16

_PLAUSIBLE = [
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "mac_roman", "cp437", "cp850"),
    *("koi8_r", "cp866", "cp932", "euc_jp", "gb18030", "big5", "euc_kr"),
]
_STRAY_IN_TEXT = 20
"""One byte in so many, at most, is a flaw of a text; more are no text."""
_CONTROL = bytes({*range(0x20), 0x7F} - set(b"\t\n\v\f\r"))


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding, and what is done with bytes that do not decode.

    `is_guessed` marks one that nothing in the file declares; `is_told_by_row` a file in UTF-8 whose stray bytes
    are told where they are, because they are few.
    """

    name: str
    errors: str = "strict"
    is_guessed: bool = False
    is_told_by_row: bool = False


def likeliest(evidence: bytes) -> Encoding | None:
    """Return the likeliest encoding of a file, judged by its lines that are not plain ASCII.

    Where more of it is UTF-8 than is not, it is UTF-8. Windows-1252 is read with the characters of UTF-8 that
    are in it, for files are pasted together. None if this is no text that we recognise.
    """
    text = evidence.decode("utf-8", KEEP)
    stray = count_stray(text)
    if sum(not character.isascii() for character in text) >= 2 * stray:
        return Encoding("utf-8", KEEP, is_told_by_row=True)
    name = likeliest_latin(_without_utf_8(text)) or _likeliest_of_all(evidence)
    if name == "cp1252":
        return Encoding("utf-8", WESTERN, is_guessed=True)
    if name is not None:
        return Encoding(name, is_guessed=True)
    is_text = (
        len(evidence.translate(None, _CONTROL)) == len(evidence) and stray <= len(evidence) / _STRAY_IN_TEXT
    )
    return Encoding("utf-8", KEEP, is_told_by_row=True) if is_text else None


def _without_utf_8(text: str) -> bytes:
    """Return the bytes without the characters of UTF-8 among them."""
    kept = "".join(character for character in text if character.isascii() or has_stray(character))
    return kept.encode("utf-8", KEEP)


def _likeliest_of_all(evidence: bytes) -> str | None:
    """Return the likeliest of all plausible encodings, or None.

    Windows-1252 wins whatever it reads as sensibly as the best: cp1250 and big5 can claim any short
    German or Spanish text too.
    """
    matches = from_bytes(evidence, cp_isolation=_PLAUSIBLE)
    best = matches.best()
    if best is None:
        return None
    for match in matches:
        is_as_good = match.chaos <= best.chaos + 0.02 and match.coherence >= best.coherence - 0.2
        if is_as_good and "cp1252" in match.could_be_from_charset:
            return "cp1252"
    return str(best.encoding)


def lines_beyond_ascii(file: BinaryIO, *, is_folded: bool = False) -> bytes:
    """Return the first lines that are not plain ASCII; folded ones without the folds between them."""
    file.seek(0)
    evidence = bytearray()
    while len(evidence) < EVIDENCE and (line := file.readline(EVIDENCE)):
        if not line.isascii():
            evidence += _unfolded(line, evidence) if is_folded else line
    return bytes(evidence)


def unfolded_after_cr(line: bytes) -> bytes:
    """Return the line without the folds that the old line ends of the Macintosh make in it."""
    return line.replace(b"\r ", b"").replace(b"\r\t", b"")


def _unfolded(line: bytes, before: bytearray) -> bytes:
    """Return the line without folds; the line end that it continues is taken from what is before it."""
    if line[:1] in {b" ", b"\t"}:
        del before[len(before.rstrip(b"\r\n")) :]
        line = line[1:]
    return unfolded_after_cr(line)
