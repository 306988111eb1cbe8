"""What an entry is called where only one line of it is shown."""

from __future__ import annotations

import re

from crmtenant.text.mentions import without_mentions

LONGEST_TITLE = 200
LOOKED_AT = 1000
"""Characters of a line; what is left of them without marks is title enough."""
NO_WORDS = "…"
"""The title of an entry without any."""

_MARKS = re.compile(r"^(?:[#>\s]|[-*+]\s|\d+\.\s|\[[ xX]\]\s)+|[*`~]{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def entry_title(body: str) -> str:
    """Return the first line with words in it, at most 200 characters, without marks of Markdown and mentions."""
    for line in without_mentions(body).splitlines():
        words = " ".join(_MARKS.sub("", _LINK.sub(r"\1", line.strip()[:LOOKED_AT])).split())
        if any(character.isalnum() for character in words):
            return words[:LONGEST_TITLE].rstrip()
    return NO_WORDS
