"""JSON as we read it, wherever it comes from: no name twice in an object, no constants JSON has not."""

from __future__ import annotations

import json
from typing import Any

MAX_DIGITS = 400


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("the same name stands twice in one object")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"it has no constant {name}")


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_bounded_int)
"""Raises `ValueError` for what is no JSON, `RecursionError` for what is nested too deeply."""
