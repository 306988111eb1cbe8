"""Fold text to plain words, in the same way for stored text and for queries.

`search_tokens.py` says which tokens a row is found by, `search_query.py` what a query asks for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

LONGEST_TOKEN = 64
MOST_TOKENS = 3000
"""3,000 tokens of 64 characters of 4 bytes stay below the 1 MB a tsvector may have."""

# Letters that Unicode does not decompose, though people type them without the stroke; and Arabic letters
# that Persian, Urdu and Arabic keyboards write differently.
_PLAIN = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ħ": "h",
        "ŧ": "t",
        "ı": "i",
        "ĸ": "k",
        "ŋ": "n",
        "æ": "ae",
        "œ": "oe",
        "ə": "e",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ہ": "ه",
        "ة": "ه",
    }
)
# German and the Nordic languages spell these letters out: Müller is also found as Mueller.
_WRITTEN_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def _marks() -> Iterator[str]:
    """Yield every combining mark below U+10000; scripts beyond are dead and would make `_ACCENTS` slow."""
    return (c for c in map(chr, range(0x300, 0x10000)) if unicodedata.category(c).startswith("M"))


# Vowel signs, nuktas (7), the marks that tell か from が (8) and viramas (9) are spelling, not accents.
_SPELLING_CLASSES = frozenset({0, 7, 8, 9})
_SPELLING_MARKS = frozenset(c for c in _marks() if unicodedata.combining(c) in _SPELLING_CLASSES)
_ACCENTS = re.compile(f"[{''.join(c for c in _marks() if c not in _SPELLING_MARKS)}]+")
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u0640\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+"
)
_FOREIGN_DIGIT = re.compile(r"[^\D0-9]")
# Scripts written without spaces between words: every character is a token.
_IDEOGRAPHS = (
    "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
)
_ASCII_WORD = re.compile("[0-9a-z]+")
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^{_IDEOGRAPHS}]+")


def fold(text: str) -> str:
    """Return the text without case, accents, invisible characters and national digits: "Çelik ٤" is "celik 4".

    Letters of other scripts stay what they are. Folding twice changes nothing more.
    """
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = _INVISIBLE.sub("", _ACCENTS.sub("", lowered).casefold())
    digits = _FOREIGN_DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), bare)
    return unicodedata.normalize("NFC", digits.translate(_PLAIN))


def spellings(text: str) -> tuple[str, ...]:
    """Return the folded text, and with its umlauts spelled out where that differs."""
    if text.isascii():
        return (fold(text),)
    written_out = unicodedata.normalize("NFC", text).lower().translate(_WRITTEN_OUT)
    return tuple(dict.fromkeys((fold(text), fold(written_out))))


def words(folded: str) -> Iterator[str]:
    """Yield the words of folded text, cut to 64 characters; an ideograph is a word."""
    return (word[:LONGEST_TOKEN] for word in _uncut_words(folded))


def _uncut_words(folded: str) -> Iterator[str]:
    if folded.isascii():
        yield from _ASCII_WORD.findall(folded)
        return
    spaced = "".join(c if c.isalnum() or c in _SPELLING_MARKS else " " for c in folded)
    for run in spaced.split():
        yield from (run,) if run.isascii() else _WORD.findall(run)


def tokens(*texts: str | None) -> list[str]:
    """Return the distinct words of the texts in order, at most 3,000 of at most 64 characters.

    Chinese, Japanese and Korean characters are one token each. None counts as no text.
    """
    kept: dict[str, None] = {}
    for text in texts:
        for spelling in spellings(text or ""):
            kept |= dict.fromkeys(words(spelling))
        if len(kept) >= MOST_TOKENS:
            break
    return list(islice(kept, MOST_TOKENS))
