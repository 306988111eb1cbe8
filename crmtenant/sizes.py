"""Sizes in bytes as people write them: `500MB`, `5GB`."""

from __future__ import annotations

import re

_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


def read_size(text: str) -> int:
    """Return the bytes that `200GB` stands for. Raises `ValueError`."""
    match = re.fullmatch(r"([1-9]\d{0,5})([MGT]B)", text)
    if match is None:
        raise ValueError(text)
    return int(match[1]) * _UNITS[match[2]]
