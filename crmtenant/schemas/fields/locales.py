"""Countries and currencies of the Unicode CLDR (babel's copy); languages and time zones."""

from __future__ import annotations

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

# In CLDR, but not assigned by ISO 3166-1: islands of other countries, unions, test codes. Kosovo (XK) is not
# assigned either, yet people have addresses there.
_NOT_COUNTRIES = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}


@cache
def country_codes() -> frozenset[str]:
    """Return the two-letter codes of ISO 3166-1, and XK."""
    territories = map(str, Locale("en").territories)
    return frozenset(code for code in territories if len(code) == 2 and code.isalpha()) - _NOT_COUNTRIES


@cache
def currency_codes() -> frozenset[str]:
    """Return the ISO 4217 codes of currencies that are legal tender somewhere today."""
    used = get_global("territory_currencies").values()
    return frozenset(code for spans in used for code, _, end, is_tender in spans if end is None and is_tender)


def _upper(value: str) -> str:
    """Return an ASCII code in capitals. Other text stays as it is: ß in capitals would be South Sudan."""
    return value.upper() if value.isascii() else value


def _country(value: str) -> str:
    code = _upper(value)
    if code not in country_codes():
        raise PydanticCustomError(
            "invalid_country", "A country must be a two-letter ISO 3166-1 code such as DE."
        )
    return code


def _currency(value: str) -> str:
    code = _upper(value)
    if code not in currency_codes():
        raise PydanticCustomError(
            "invalid_currency", "A currency must be a current ISO 4217 code such as EUR."
        )
    return code


Country = Annotated[str, AfterValidator(_country), Field(json_schema_extra={"pattern": "^[A-Za-z]{2}$"})]
Currency = Annotated[str, AfterValidator(_currency), Field(json_schema_extra={"pattern": "^[A-Za-z]{3}$"})]


def _language(value: str) -> str:
    try:
        Locale.parse(value, sep="-")
    except (UnknownLocaleError, ValueError):
        raise PydanticCustomError(
            "invalid_language", "A language must be a BCP 47 tag such as de or pt-BR."
        ) from None
    return value


def _time_zone(value: str) -> str:
    if value not in available_timezones():
        raise PydanticCustomError(
            "invalid_time_zone", "A time zone must be a name of the IANA database such as Europe/Berlin."
        )
    return value


Language = Annotated[str, AfterValidator(_language)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
