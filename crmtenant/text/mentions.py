"""People named in a text: `@[u_...]` stands for whoever has that id, whatever they are called today."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

MENTION = re.compile(r"@\[(u_[a-z2-7]{26})\]")


def mentioned(text: str) -> list[str]:
    """Return the ids of the people named in the text, each once, in order."""
    return list(dict.fromkeys(MENTION.findall(text)))


def without_mentions(text: str) -> str:
    """Return the text without the people named in it."""
    return MENTION.sub("", text)


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return the text with the names of the people; who has none here stays an id."""
    return MENTION.sub(lambda found: f"@{names[found[1]]}" if found[1] in names else found[0], text)


def with_ids(text: str, id_of: Callable[[str], str | None]) -> str:
    """Return the text naming whoever each person is elsewhere; who is nobody there stays as they are."""
    return MENTION.sub(lambda found: f"@[{id_of(found[1]) or found[1]}]", text)
