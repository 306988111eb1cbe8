"""Guess which encoding of a Latin alphabet bytes are in: of Windows, of the old Macintosh or of DOS.

Excel writes all three, and each byte is a character in each of them. The right one makes letters of one
language, in words that are otherwise plain ASCII; the others make signs and capitals in the middle of words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

_EVIDENCE = 1 << 14
_LEAST = 1.0
"""Of a mean that reaches from -6 to 3: below it, no Latin encoding is plausible."""

_WEST = (
    *("äöüß", "éèêëàâçîïôûùœÿ", "áéíóúñü", "àèéìòù", "ãõáâàçéêíóôúü", "ëïéèöüó"),
    *("åäöé", "æøåé"),
)
_CENTRE = ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüß")
_TURKISH = ("çğıöşüâ",)
_BALTIC = ("ąčęėįšųūž", "āčēģīķļņšūž", "äõöüšž")
# The first wins a tie.
_ALPHABETS: dict[str, tuple[str, ...]] = {
    "cp1252": _WEST,
    "mac_roman": _WEST,
    "cp850": _WEST,
    "cp1250": _CENTRE,
    "cp852": _CENTRE,
    "mac_latin2": _CENTRE,
    "cp1254": _TURKISH,
    "cp857": _TURKISH,
    "cp1257": _BALTIC,
}
_IN_NAMES = frozenset("äöüéèëçñáóíøåß")
"""The commonest letters, which names bring along into other languages."""
_WORDS = frozenset("àéèêóíâ")
"""Letters that are words of their own."""
_SIGNS = frozenset("’‘“”„‚–—…€§°«»\xa0")

_MEMBER, _RARE_MEMBER, _GUEST, _SIGN = 3.0, 2.5, 1.0, 1.0
_MISPLACED, _UNDEFINED = -4.0, -6.0


def likeliest_latin(evidence: bytes) -> str | None:
    """Return the name of the likeliest encoding, or None if the bytes are probably no Latin alphabet."""
    sample = evidence[:_EVIDENCE]
    scores = {name: _score(sample, name) for name in _ALPHABETS}
    if b"\r" in sample and b"\n" not in sample:  # only the old Macintosh ended its lines so
        scores["mac_roman"] += _SIGN
    elif b"\r\n" in sample:
        scores["mac_roman"] -= _SIGN / 2
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= _LEAST else None


def _score(sample: bytes, encoding: str) -> float:
    found = list(_judged(sample.decode(encoding, "replace")))
    if not found:
        return _UNDEFINED
    return max(_mean(found, frozenset(alphabet)) for alphabet in _ALPHABETS[encoding])


def _mean(found: Sequence[tuple[str, float | None]], alphabet: frozenset[str]) -> float:
    total = 0.0
    for letter, judged in found:
        if judged is not None:
            total += judged
        elif letter in alphabet:
            total += _MEMBER if letter in _IN_NAMES else _RARE_MEMBER
        elif letter in _IN_NAMES:
            total += _GUEST
    return total / len(found)


def _judged(text: str) -> Iterator[tuple[str, float | None]]:
    """Yield each character beyond ASCII in lower case, with its score if that depends on no language."""
    padded = f" {text} "
    for index, character in enumerate(padded):
        if not character.isascii():
            yield character.lower(), _in_its_place(padded[index - 1], character, padded[index + 1])


def _in_its_place(before: str, character: str, after: str) -> float | None:
    """Return the score of a character that is no letter or a letter out of place; None for any other letter."""
    if character == "\ufffd" or "\x80" <= character < "\xa0":
        return _UNDEFINED
    is_after, is_before = before.isalpha(), after.isalpha()
    if not character.isalpha():
        is_sign = character in _SIGNS and (not (is_after and is_before) or character in "’–")
        return _SIGN if is_sign else _MISPLACED
    if character.isupper() and is_after and not (before.isupper() and (after.isupper() or not is_before)):
        return _MISPLACED
    if before.isdigit() or after.isdigit():
        return _MISPLACED
    # In a Latin alphabet these letters are few: a word is not made of them alone.
    is_beside_ascii = (is_after and before.isascii()) or (is_before and after.isascii())
    return None if is_beside_ascii or character in _WORDS else _MISPLACED / 2
