"""Decide whether two names can belong to one person, or to one organisation.

Two names agree unless one says what the other contradicts: "A. Berg", "Berg, Anna", "Dr. Änna BERG" and
"Anna Maria Berg" agree, "Anna Berg" and "Anna Maier" do not. A name that says nothing agrees with every name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from crmtenant.text.legal_forms import split_legal_form
from crmtenant.text.tokens import fold

LONGEST_MATCH_KEY = 200

_TITLES = frozenset(
    [
        *("dr", "prof", "professor", "professorin", "dipl", "ing", "mag", "mmag", "univ", "pd", "phd", "mba"),
        *("sir", "dott", "dottssa", "avv", "mgr", "stb"),
    ]
)
_FIELDS = frozenset({"med", "rer", "nat", "jur", "phil", "habil", "fh", "hc"})
_DEGREES = frozenset({"dr", "prof", "dipl", "ing", "mag"})
_MASCULINE = ("herr", "herrn", "hr", "mr", "mister", "monsieur", "senor", "signor", "sig", "dhr", "meneer")
_FEMININE = (
    *(
        "frau",
        "fr",
        "mrs",
        "ms",
        "miss",
        "mme",
        "mlle",
        "madame",
        "senora",
        "sra",
        "signora",
        "mevr",
        "mevrouw",
    ),
    "mw",
)
_SALUTATIONS = {**dict.fromkeys(_MASCULINE, "m"), **dict.fromkeys(_FEMININE, "f")}
_GENERATIONS = {
    **dict.fromkeys(("jr", "jun", "junior"), "jr"),
    **dict.fromkeys(("sr", "sen", "senior"), "sr"),
    "ii": "ii",
    "iii": "iii",
}
_SAYING_NOTHING = frozenset({"unknown", "unbekannt", "na", "nn", "ka", "inconnu", "noname", "anonymous"})
_TRADING_AS = frozenset({"firma", "fa"})
_AND = frozenset({"und", "and", "et", "e", "y"})
_AND_IN_FORMS = frozenset({"und", "and"})
_WORD = re.compile(r"[^\W_]+")
_SPELLED_OUT = re.compile("[aou]e")
_DOTTED = re.compile(r"(?<!\w)(?:\w\.)+\w?(?!\w)")
_INSIDE_WORDS = re.compile(r"(?<=\w)(?:['’`´‘]|\.?[-‐‑])\s?(?=\w)")


@dataclass(frozen=True, slots=True)
class ComparedName:
    """A name made ready for comparing. `words` have Anne-Marie as two words, `joined` as one; both are sorted.

    `whole` is everything in one piece. A name that says nothing has none of them.
    """

    words: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    whole: str = ""
    salutation: str = ""
    generation: str = ""
    legal_form: str = ""
    is_organization: bool = False

    @property
    def match_key(self) -> str:
        """The text that spellings of the same complete name share; for an organisation with its legal form."""
        if self.is_organization:
            return f"{self.whole} {self.legal_form}".strip()[:LONGEST_MATCH_KEY]
        return " ".join((*self.words, *filter(None, (self.generation,))))[:LONGEST_MATCH_KEY]


NO_NAME = ComparedName()


@lru_cache(maxsize=4096)
def compared(name: str, *, is_organization: bool = False) -> ComparedName:
    """Return the name ready for comparing. One that is an address or has no letter says nothing."""
    folded = fold(name)
    if is_organization:
        return _organization(folded)
    if "@" in folded or not any(map(str.isalpha, folded)):
        return NO_NAME
    return _person(folded)


def agree(one: ComparedName, other: ComparedName) -> bool:
    """Return whether nothing in the two names speaks against one person or organisation."""
    if one.is_organization or other.is_organization:
        return one.whole == other.whole and _is_open(one.legal_form, other.legal_form)
    if not one.whole or not other.whole:
        return True
    if not (_is_open(one.salutation, other.salutation) and _is_open(one.generation, other.generation)):
        return False
    return (
        one.whole == other.whole
        or _words_agree(one.words, other.words)
        or _words_agree(one.joined, other.joined)
    )


def is_fuller(name: ComparedName, than: ComparedName) -> bool:
    """Return whether a person's name that agrees with the other says all that it says, and more."""
    if name.words == than.words or not name.whole:
        return False
    is_longer = sum(map(len, name.words)) > sum(map(len, than.words))
    return not than.whole or (is_longer and _covers(name.words, than.words))


def is_initial(word: str) -> bool:
    """Return whether the word is a single letter that stands for a name. Chinese names may have one letter."""
    return len(word) == 1 and word.upper() != word


def _person(folded: str) -> ComparedName:
    words = _canonical_words(folded)
    ignored = _TITLES | _SALUTATIONS.keys() | (_FIELDS if _DEGREES & set(words) else frozenset())
    salutation = next((_SALUTATIONS[word] for word in words if word in _SALUTATIONS), "")
    rest = [word for word in words if word not in ignored]
    generation = _GENERATIONS.get(rest[-1], "") if len(rest) > 2 else ""
    if generation:
        ignored |= {rest.pop()}
    whole = "".join(rest)
    if whole in _SAYING_NOTHING:
        return ComparedName(salutation=salutation)
    joined = _canonical_words(_INSIDE_WORDS.sub("", folded))
    return ComparedName(
        words=tuple(sorted(rest)),
        joined=tuple(sorted(word for word in joined if word not in ignored)),
        whole=whole,
        salutation=salutation,
        generation=generation,
    )


def _organization(folded: str) -> ComparedName:
    words = _canonical_words(_DOTTED.sub(lambda found: found[0].replace(".", ""), folded))
    words = words[1:] if len(words) > 1 and words[0] in _TRADING_AS else words
    core, legal_form = split_legal_form([word for word in words if word not in _AND_IN_FORMS] or words)
    inner = [word for place, word in enumerate(core) if word not in _AND or place in (0, len(core) - 1)]
    whole = "".join(inner) or " ".join(folded.split())
    return ComparedName(whole=whole, legal_form=legal_form, is_organization=True)


def _canonical_words(folded: str) -> list[str]:
    """Return the words with ae, oe and ue as a, o and u: Mueller is Müller, and both are Muller."""
    return [_SPELLED_OUT.sub(lambda found: found[0][0], word) for word in _WORD.findall(folded)]


def _is_open(one: str, other: str) -> bool:
    return one == other or not one or not other


def _words_agree(one: Collection[str], other: Collection[str]) -> bool:
    """Return whether every word of the shorter name is in the longer one, either of them perhaps as an initial."""
    shorter, longer = sorted((one, other), key=len)
    return _is_covered(Counter(shorter), Counter(longer))


def _is_covered(shorter: Counter[str], longer: Counter[str]) -> bool:
    left, right = shorter - longer, longer - shorter
    initials, full = _letters(left, are_initials=True), _letters(left, are_initials=False)
    return initials <= _letters(right, are_initials=False) and full <= _letters(right, are_initials=True)


def _covers(fuller: Iterable[str], other: Iterable[str]) -> bool:
    """Return whether each word of the other is in the fuller name, in full or for its initial."""
    left, right = Counter(other) - Counter(fuller), Counter(fuller) - Counter(other)
    return all(map(is_initial, left)) and _letters(left, are_initials=True) <= _letters(
        right, are_initials=False
    )


def _letters(words: Counter[str], *, are_initials: bool) -> Counter[str]:
    found: Counter[str] = Counter()
    for word, count in words.items():
        if is_initial(word) == are_initials:
            found[word[0]] += count
    return found
