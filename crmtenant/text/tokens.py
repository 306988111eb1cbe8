"""Fold search text to plain words, in the same way for stored text and for queries.

No SQL is run here. Stored text becomes a list of tokens (`SearchTokens` in models/base.py writes them); a query
becomes the text of a tsquery whose lexemes contain nothing but letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

LONGEST_TOKEN = 64
MOST_TOKENS = 3000
"""3,000 tokens of 64 characters of 4 bytes stay below the 1 MB a tsvector may have."""
MOST_WORDS = 10
FEWEST_PHONE_DIGITS = 4

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
_PHONE_LIKE = re.compile(r"[0-9+().\-/ ]+")


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


def _spellings(text: str) -> tuple[str, ...]:
    """Return the folded text, and with its umlauts spelled out where that differs."""
    if text.isascii():
        return (fold(text),)
    written_out = unicodedata.normalize("NFC", text).lower().translate(_WRITTEN_OUT)
    return tuple(dict.fromkeys((fold(text), fold(written_out))))


def _words(folded: str) -> Iterator[str]:
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
        for spelling in _spellings(text or ""):
            kept |= dict.fromkeys(_words(spelling))
        if len(kept) >= MOST_TOKENS:
            break
    return list(islice(kept, MOST_TOKENS))


def _any_of(lexemes: tuple[str, ...]) -> str:
    """Return a tsquery term for tokens that begin with one of these. They contain no quote (`_uncut_words`)."""
    alternatives = [f"'{lexeme}':*" for lexeme in lexemes]
    return alternatives[0] if len(alternatives) == 1 else f"({' | '.join(alternatives)})"


def _terms(q: str) -> Iterator[tuple[str, ...]]:
    """Yield, for each word of the query, the spellings it may have in the index."""
    for part in q.split():
        plain, *others = (list(_words(spelling)) for spelling in _spellings(part))
        for place, word in enumerate(plain):
            variants = [other[place] for other in others if len(other) == len(plain)]
            yield tuple(dict.fromkeys((word, *variants)))


def _digits_of_phone(q: str) -> str | None:
    """Return the digits of a query that can only be a telephone number, or None."""
    folded = fold(q)
    digits = re.sub(r"[^0-9]", "", folded)
    is_phone = _PHONE_LIKE.fullmatch(folded) and len(digits) >= FEWEST_PHONE_DIGITS
    return digits[:LONGEST_TOKEN] if is_phone else None


def tsquery(q: str) -> str | None:
    """Return the text of a tsquery (to be cast, not parsed by a text search configuration), or None.

    Rows must have, for each of the first 10 words, a token that begins with it; a query that looks like a
    telephone number also finds its bare digits. None when `q` has no word to search for.
    """
    terms = list(dict.fromkeys(_terms(q[:1000])))[:MOST_WORDS]
    if not terms:
        return None
    words = " & ".join(_any_of(term) for term in terms)
    digits = _digits_of_phone(q[:1000])
    return f"({words}) | '{digits}':*" if digits and terms != [(digits,)] else words
