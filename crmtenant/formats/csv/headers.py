"""What a column's name means: the field it fills, whatever language or program it comes from (`header_names`).

Names are folded to lower-case words first, so `E-mail 2 Address`, `emailAddress2` and `E-Mail-Adresse 2`
are the same. A name that is not in the table of whole names is split into words that say where (business,
privat, mobile), a number, and the rest.
"""

from __future__ import annotations

import re

from crmtenant.formats.contact_paths import CUSTOM, MOST_CUSTOM_NAME, ORGANIZATION, TAGS, Target, target_of
from crmtenant.formats.csv.header_names import (
    ADDRESSES,
    EMAILS,
    FILLERS,
    GIVEN_OR_WHOLE,
    LABELS,
    OWNERS,
    PHONES,
    PLACES,
    SCALARS,
    TITLES,
    URLS,
)
from crmtenant.formats.csv.header_names import (
    IGNORED as IGNORED_NAMES,
)
from crmtenant.text.tokens import fold

TITLE = Target("title")
"""A `Title` column: a job title, unless another column is one; then Mr or Dr. `columns.py` decides."""
NOMBRE = Target("nombre")
"""A first name beside a column of family names, else the whole name. `columns.py` decides."""
IGNORED = Target("")
COURTESY = "prefix"

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BESIDE_NUMBER = re.compile(r"(?<=[^\W\d_])(?=[0-9])|(?<=[0-9])(?=[^\W\d_])")
_NO_WORD = re.compile(r"[\W_]+")


def words_of(header: str) -> str:
    """Return the header as lower-case words without accents: `homePhone2` and `Home Phone 2` are `home phone 2`."""
    spaced = _BESIDE_NUMBER.sub(" ", _CAMEL.sub(" ", header.strip()))
    folded = " ".join(_NO_WORD.sub(" ", fold(spaced)).split())
    return re.sub(r"\be mail(?=s?\b)", "email", folded)


def meaning_of(header: str) -> Target | None:
    """Return the target of a column of this name, `IGNORED` if it has none, or None if the name is unknown."""
    literal = target_of(header.strip())
    if literal:
        return literal
    words = words_of(header)
    found = _known(words)
    if found is not None:
        return found
    owner, _, rest = words.removesuffix(" of address").partition(" ")
    if owner in OWNERS and rest:
        found = _known(rest)
        return None if found == IGNORED else found
    return _known(words.removesuffix(" of address"))


def _known(words: str) -> Target | None:
    if words in IGNORED_NAMES:
        return IGNORED
    if words in TITLES:
        return TITLE
    if words in GIVEN_OR_WHOLE:
        return NOMBRE
    if words in SCALARS:
        return _scalar(SCALARS[words])
    return _entry(words)


def custom_column(header: str) -> Target:
    """Return the target of an unknown column: a custom field of its name."""
    return Target(CUSTOM, part=header.strip()[:MOST_CUSTOM_NAME])


def _scalar(field: str) -> Target:
    return Target({"organization": ORGANIZATION, "tags": TAGS}.get(field, field))


def _entry(words: str) -> Target | None:
    """Return the target of an e-mail address, telephone number, postal address or web page: `business phone 2`."""
    whole = _typed(words, None, "")
    if whole:
        return whole
    number = re.search(r"\b[0-9]{1,2}\b", words)
    label, rest = _placed(re.sub(r"\b[0-9]{1,2}\b", " ", words).split())
    is_second_line = number is not None and number.end() == len(words)
    for spelling in dict.fromkeys((rest, _without_fillers(rest))):
        # `Street 2` is a line of the same address, `Address 2 City` is not
        if spelling in ADDRESSES and is_second_line:
            return Target("addresses", slot=label or "", part=ADDRESSES[spelling], label=label)
        found = _typed(spelling, label, number[0] if number else "")
        if found:
            return found
    return None


def _without_fillers(words: str) -> str:
    return " ".join(word for word in words.split() if word not in FILLERS)


def _placed(words: list[str]) -> tuple[str | None, str]:
    """Return the label that words of place give, and the other words. German adds single letters: weiteres/r."""
    label = next((PLACES[word] for word in words if word in PLACES), None)
    rest = [word for word in words if word not in PLACES and (label != "other" or len(word) > 1)]
    return label, " ".join(rest)


def _typed(words: str, label: str | None, number: str) -> Target | None:
    slot = f"{label or ''}{number}"
    if words in PHONES:
        kind = PHONES[words]
        return Target("phones", f"{slot}{kind}", "value", label if kind == "phone" else kind)
    if words in EMAILS:
        return Target("emails", slot, "value", label)
    if words in URLS:
        return Target("urls", slot, "value", label)
    if words in ADDRESSES:
        return Target("addresses", slot, ADDRESSES[words], label)
    if words in LABELS:
        field = LABELS[words]
        return Target(field, f"{slot}phone" if field == "phones" else slot, "label")
    return None
