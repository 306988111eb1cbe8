"""Strict JSON, wherever it comes from: no repeated names in an object, no constants beyond RFC 8259."""

from __future__ import annotations

import json
from typing import Any

MAX_DIGITS = 400


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has the same name twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_bounded_int)
"""Raises `ValueError` for what is not JSON, `RecursionError` for what is nested too deeply."""
