"""Find the telephone numbers in a cell that has words too: `Tel. 030 123456 (Frau Muster) oder 0170 1234567`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from crmtenant.text.tokens import fold

FEWEST_DIGITS = 5
"""Of a number among words: fewer are a floor, an hour or an extension."""
_FEWEST_ALONE = 3

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"))
_NO_NUMBER = re.compile(r"(?<!\d)(?:\d{1,2}\.\d{1,2}\.(?:\d{4}|\d{2})|\d{1,2}:\d{2})(?!\d)")
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*E\+?[0-9]+", re.IGNORECASE)
_NEXT_NUMBER = re.compile(r"(?<=[0-9]) ?(?=\+)|(?<=[0-9]{3}) / (?=[0+(])")
_COMMA_WITHIN = re.compile(r"(?<=[0-9]),(?=[1-9])")
_EXTENSION = (
    "extension|extn|ext|x|#|durchwahl|dw|apparat|app|nebenstelle|nst|klappe|poste|interno|int|anexo|ramal|"
    "toestel|tst|wewnetrzny|wewnętrzny|wewn|wew|anknytning|ankn|lokal|lok"
)
_NUMBER = re.compile(
    r"(?<![\w.])(?P<number>[+(]{0,2}[0-9][0-9 ().\-/]*+)"
    rf"(?:[,;]? ?\b(?:{_EXTENSION})(?![^\W\d_])[.:=]? ?(?P<extension>[0-9]{{1,11}})\)?|;ext=(?P<uri>[0-9]{{1,11}}))?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r" ?[(\[]([^)\]]*)[)\]]")
_PARAMETERS = re.compile(r";(?:phone-context|isub|tsp)=[^;\s]*", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = " .-/("


def _words(**groups: str) -> dict[str, str]:
    return {word.strip(): label for label, words in groups.items() for word in words.split(",")}


_LABELS = _words(
    mobile="mobil, mobile, handy, cell, cellphone, gsm, movil, celular, cellulare, portable, mobiel, komorka, kom, mob",
    fax="fax, telefax, faks, telecopie",
    home="privat, private, home, prive, casa, domicile, dom, thuis, particular",
    work="buro, geschaftlich, dienstlich, office, work, business, bureau, ufficio, oficina, werk, zakelijk, arbeit",
    main="zentrale, main, central, centrale",
)
_NOISE = frozenset(
    [
        "tel",
        "telefon",
        "telephone",
        "phone",
        "telefono",
        "telefoon",
        "telefone",
        "fon",
        "ph",
        "nr",
        "no",
        "num",
        "nummer",
        "number",
        "numero",
        "numer",
        "callto",
        "festnetz",
        "rufnummer",
        "landline",
        "fixe",
        "fisso",
        "fijo",
        "vast",
        "oder",
        "or",
        "und",
        "and",
        "ou",
        "et",
        "o",
        "y",
        "e",
        "ed",
        "lub",
        "i",
        "en",
        "of",
        "bzw",
        "auch",
        "also",
        "sowie",
    ]
)


@dataclass(slots=True)
class PhoneTexts:
    """The numbers of a cell with their labels. `has_more`: there are words that say something else."""

    numbers: list[tuple[str, str | None]] = field(default_factory=list)
    has_more: bool = False


def phones_in(text: str) -> PhoneTexts:
    """Return the numbers in the text, in order."""
    plain = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).translate(_DASHES).split())
    if _SCIENTIFIC.fullmatch(plain):  # a spreadsheet has lost the end of it
        return PhoneTexts(has_more=True)
    plain = _NEXT_NUMBER.sub(" | ", _COMMA_WITHIN.sub(" ", _PARAMETERS.sub("", plain)))
    found = PhoneTexts()
    end = 0
    matches = list(_numbers(plain))
    for match in matches:
        label = _take_words(plain[end : match.start()], found)
        end = match.end() if _extension(match) else match.start() + len(match["number"].rstrip(_BETWEEN))
        if brackets := _IN_BRACKETS.match(plain, end):
            end = brackets.end()
            label = _take_words(brackets[1], found) or label
        found.numbers.append((_written(match), label))
    label = _take_words(plain[end:], found)
    if label and len(found.numbers) == 1 and not found.numbers[0][1]:
        found.numbers[0] = (found.numbers[0][0], label)
    return found


def _numbers(text: str) -> Iterator[re.Match[str]]:
    hidden = _NO_NUMBER.sub(lambda found: "·" * len(found[0]), text)
    matches = [match for match in _NUMBER.finditer(hidden) if _digits(match) >= _FEWEST_ALONE]
    return (match for match in matches if _digits(match) >= FEWEST_DIGITS or len(matches) == 1)


def _digits(match: re.Match[str]) -> int:
    return sum(character.isdigit() for character in match["number"])


def _extension(match: re.Match[str]) -> str | None:
    return match["extension"] or match["uri"]


def _written(match: re.Match[str]) -> str:
    number = match["number"].rstrip(_BETWEEN)
    if number.count("(") != number.count(")"):
        before, _, after = number.lstrip("(").rpartition("(")
        number = (before or after).replace(")", "").strip(_BETWEEN)
    extension = _extension(match)
    return f"{number} ext. {extension}" if extension else number


def _take_words(text: str, found: PhoneTexts) -> str | None:
    """Return the label that these words are, if any; remember whether there are others."""
    label = None
    for word in _WORD.findall(fold(text)):
        if word in _LABELS:
            label = label or _LABELS[word]
        elif word not in _NOISE:
            found.has_more = True
    return label
