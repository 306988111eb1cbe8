"""What is true of every JSON answer of a command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

#: What has an id calls it `id`, whatever its table or class calls it.
_OTHER_NAMES = {"tenant_id", "company_id", "command_id", "company_ids", "user_id", "login_id"}


def assert_speaks_as_the_api(answer: str) -> None:
    """No object in the answer calls its id otherwise; and its times are those of the API."""
    assert "+00:00" not in answer
    assert _keys(json.loads(answer)) & _OTHER_NAMES == set()


def _keys(value: Any) -> set[str]:
    return set(_found(value))


def _found(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _found(one)
