"""Sizes in bytes as people write and read them: `500MB`, `5GB`, `8.93 MB`."""

from __future__ import annotations

import re

_READ = ("B", "kB", "MB", "GB", "TB")
# What is more would be rounded to 1000.
_MOST = 999.5
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def read_size(text: str) -> int:
    """Return the bytes that `200GB` stands for. Raises `ValueError`."""
    match = re.fullmatch(r"([1-9]\d{0,5})([MGT]B)", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]


def size_text(count: int | None) -> str:
    """Return bytes with three digits, such as `8.93 MB`; `-` for none."""
    if count is None:
        return "-"
    number, unit = float(count), 0
    while number >= _MOST and unit < len(_READ) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.3g} {_READ[unit]}" if unit else f"{count} B"
