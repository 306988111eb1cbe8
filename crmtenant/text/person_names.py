"""Join the parts of a person's name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

NAME_PARTS = ("prefix", "given_name", "middle_name", "family_name", "suffix")

# Han, kana, Hangul: the family name comes first and no space follows.
_EAST_ASIAN = re.compile(
    "[\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]+"
)


def full_name(parts: Mapping[str, Any]) -> str | None:
    """Return the whole name, such as "Dr. Anna Maria Berg" or "山田太郎".

    None when there is neither a given, middle nor family name.
    """
    given, middle, family = (parts.get(name) for name in ("given_name", "middle_name", "family_name"))
    if not (given or middle or family):
        return None
    core = (
        [family, given, middle]
        if family and given and _is_east_asian(family, given)
        else [given, middle, family]
    )
    glue = "" if core[0] is family else " "
    words = [parts.get("prefix"), glue.join(filter(None, core)), parts.get("suffix")]
    return unicodedata.normalize("NFC", " ".join(filter(None, words)))


def _is_east_asian(*names: str) -> bool:
    return all(_EAST_ASIAN.fullmatch(name) for name in names)
