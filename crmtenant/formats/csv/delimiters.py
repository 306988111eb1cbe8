"""Which delimiter a spreadsheet expects: Excel splits a CSV file at the list separator of its region, at no other."""

from __future__ import annotations

from babel import Locale, UnknownLocaleError

NAMED = {"comma": ",", "semicolon": ";", "tab": "\t"}

# Written with a decimal point, and yet with semicolons between values.
_SEMICOLON_ANYWAY = frozenset({"CH", "LI"})


def delimiter_for(language: str | None, country: str | None) -> str:
    """Return the delimiter for spreadsheets in this language and country: a semicolon where decimals have a comma."""
    locale = _locale(language, country)
    if locale is None:
        return ","
    has_comma = locale.number_symbols.get("latn", {}).get("decimal") == ","
    return ";" if has_comma or locale.territory in _SEMICOLON_ANYWAY else ","


def _locale(language: str | None, country: str | None) -> Locale | None:
    spoken = (language or "und").replace("-", "_")
    for name in (f"{spoken.partition('_')[0]}_{country}" if country else spoken, spoken, f"und_{country}"):
        try:
            return Locale.parse(name)
        except (UnknownLocaleError, ValueError):
            continue
    return None
