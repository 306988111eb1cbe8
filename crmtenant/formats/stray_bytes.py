"""Bytes of a UTF-8 file that are no UTF-8: kept while the file is read, and then read one by one.

Python's error handler `surrogateescape` keeps byte 0xB6 as U+DCB6, which no valid file can contain.
"""

from __future__ import annotations

import codecs
import re

KEEP = "surrogateescape"
"""The error handler that keeps such bytes, so that they can be told."""
WESTERN = "crmtenant.western"
"""The error handler that reads them as Windows-1252."""

UNREADABLE = "\ufffd"
"""Stands for a byte that is no character of Windows-1252 either."""

_STRAY = re.compile("[\udc80-\udcff]")
_WESTERN = {0xDC00 + byte: bytes([byte]).decode("cp1252", "replace") for byte in range(0x80, 0x100)}


def has_stray(text: str) -> bool:
    """Return whether the text has bytes that could not be decoded."""
    return not text.isascii() and _STRAY.search(text) is not None


def count_stray(text: str) -> int:
    """Return how many bytes of the text could not be decoded."""
    return len(_STRAY.findall(text))


def rejoined(text: str) -> str:
    """Return the text with the characters whole whose bytes have come together since it was decoded."""
    return text.encode("utf-8", KEEP).decode("utf-8", KEEP) if has_stray(text) else text


def western(text: str) -> str:
    """Return the text with its stray bytes read as Windows-1252."""
    return text.translate(_WESTERN) if has_stray(text) else text


def _read_as_western(problem: UnicodeError) -> tuple[str, int]:
    if not isinstance(problem, UnicodeDecodeError):
        raise problem
    return problem.object[problem.start : problem.end].decode("cp1252", "replace"), problem.end


codecs.register_error(WESTERN, _read_as_western)
