"""Convert country names, as people write them in many languages, to ISO 3166-1 codes."""

from __future__ import annotations

from functools import cache

from babel import Locale
from babel.core import get_global

from crmtenant.text.tokens import fold

_COMMON_LANGUAGES = ("en", "de")
_OTHER_LANGUAGES = (
    *("fr", "es", "it", "pt", "nl", "pl", "sv", "da", "nb", "fi", "cs"),
    *("hu", "ro", "el", "tr", "ru", "uk", "ja", "ko", "zh", "ar"),
)

# babel also lists regions of the world, test locales and "unknown".
_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})

# Names in use that CLDR does not have, or spells differently now.
_COLLOQUIAL = {
    "america": "US",
    "bosnia": "BA",
    "brd": "DE",
    "britain": "GB",
    "burma": "MM",
    "cape verde": "CV",
    "czech republic": "CZ",
    "east timor": "TL",
    "england": "GB",
    "great britain": "GB",
    "grossbritannien": "GB",
    "holland": "NL",
    "hong kong": "HK",
    "ivory coast": "CI",
    "macau": "MO",
    "macedonia": "MK",
    "northern ireland": "GB",
    "palestine": "PS",
    "people s republic of china": "CN",
    "republic of ireland": "IE",
    "republic of korea": "KR",
    "russian federation": "RU",
    "scotland": "GB",
    "slovak republic": "SK",
    "south korea": "KR",
    "swaziland": "SZ",
    "the netherlands": "NL",
    "tschechische republik": "CZ",
    "turkey": "TR",
    "u k": "GB",
    "u s": "US",
    "u s a": "US",
    "united states of america": "US",
    "vereinigte staaten von amerika": "US",
    "viet nam": "VN",
    "wales": "GB",
}


def country_code(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country given by name or code, or None if it is unknown."""
    wanted = _key(text)
    return (
        _codes().get(wanted) or _names(_COMMON_LANGUAGES).get(wanted) or _names(_OTHER_LANGUAGES).get(wanted)
    )


def _key(text: str) -> str:
    words = "".join(character if character.isalnum() else " " for character in fold(text))
    return " ".join(words.split())


@cache
def _codes() -> dict[str, str]:
    """Return folded two- and three-letter codes, and names of no particular language, with their codes."""
    known = _territories("en")
    aliases = get_global("territory_aliases")
    successors = {key.lower(): new[0] for key, new in aliases.items() if len(new) == 1 and key.isalpha()}
    codes = {key: code for key, code in successors.items() if code in known}
    return {**codes, **{code.lower(): code for code in known}, **_COLLOQUIAL}


def _territories(language: str) -> dict[str, str]:
    """Return names by alpha-2 code, without UN M.49 numbers and groups of countries."""
    territories: dict[str, str] = dict(Locale(language).territories.items())
    return {code: name for code, name in territories.items() if len(code) == 2 and code not in _NO_COUNTRIES}


@cache
def _names(languages: tuple[str, ...]) -> dict[str, str]:
    """Return codes by folded name. The first language that has a name keeps it."""
    names: dict[str, str] = {}
    for language in languages:
        for code, name in _territories(language).items():
            names.setdefault(_key(name), code)
    return names
