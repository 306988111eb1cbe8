"""Which delimiter a spreadsheet expects: Excel splits a CSV file at the list separator of its region, at no other."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

NAMED = {"comma": ",", "semicolon": ";", "tab": "\t"}

# Written with a decimal point, and yet with semicolons between values.
_SEMICOLON_ANYWAY = frozenset({"CH", "LI"})


def delimiter_for(language: str | None, country: str | None) -> str:
    """Return the delimiter for spreadsheets in this language and country: a semicolon where decimals have a comma.

    The page decides alike for the files it makes: `separatorOf` in frontend/src/imports/files.ts.
    """
    locale = _locale(language, country)
    if locale is None:
        return ","
    has_comma = locale.number_symbols.get("latn", {}).get("decimal") == ","
    return ";" if has_comma or locale.territory in _SEMICOLON_ANYWAY else ","


def _locale(language: str | None, country: str | None) -> Locale | None:
    """Return the language as it is written in the country; else what the country speaks, for spreadsheets go by the
    region; else the language."""
    spoken = (language or "und").replace("-", "_")
    base = spoken.partition("_")[0]
    for name in (*((f"{base}_{country}", f"und_{country}") if country else ()), spoken, base):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None
