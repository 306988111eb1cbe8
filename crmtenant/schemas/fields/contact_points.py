"""Ways to reach people: e-mail addresses, telephone numbers, links."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Annotated
from urllib.parse import urlsplit

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from crmtenant.lru_cache import LruCache
from crmtenant.schemas.fields.texts import line
from crmtenant.text.emails import parse_email

LONGEST_EMAIL = 254
LONGEST_PHONE = 64
LONGEST_URL = 2000
FEWEST_DIGITS = 3
NUMBERS_REMEMBERED = 2048

_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc", "-"))
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_PHONE = re.compile(
    r"[0-9+(][0-9+().\-/ ]*(?:[,;]? ?(?:extension|ext|x|#)[.:=]? ?[0-9]{1,11})?", re.IGNORECASE
)
_WITHOUT_PLUS = re.compile(r"([1-9][0-9]* ?)[0-9 ]{6,20}")
_FEWEST_WITH_CODE = 11
"""Digits. A shorter one may be of a town whose code begins as the country's does: Emden's is 04921."""
_WEB = frozenset({"http", "https"})
_SCHEMES = _WEB | {"mailto", "tel", "sms", "sip", "sips", "xmpp", "ftp", "ftps", "geo", "skype", "matrix"}
_SCHEME = re.compile(r"\A([A-Za-z][A-Za-z0-9+.\-]*):(?![0-9]+(?:/|$))")
_HOST = re.compile(r"(?:[^\W_]|[\-.\u0300-\u036f])+")
_NOT_IN_URLS = re.compile(r"[\s<>\"\\^`{}|]")
_by_e164: LruCache[str, phonenumbers.PhoneNumber] = LruCache(NUMBERS_REMEMBERED)


def _email(value: str) -> str:
    try:
        return parse_email(value, is_sign_in=False).address
    except ValueError:
        raise PydanticCustomError(
            "invalid_email", "This must be an e-mail address such as anna@example.com."
        ) from None


Email = Annotated[str, line(LONGEST_EMAIL), AfterValidator(_email)]
"""An e-mail address of RFC 6531, normalised, without a DNS lookup."""


def _parsed(value: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    # 00 means + in most of the world, and where it does not no number begins with it.
    return _read(re.sub(r"^\(?00", "+", value), None if _is_international(value) else region)


@lru_cache(maxsize=NUMBERS_REMEMBERED)
def _read(international: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """Return the number, not to be changed: one number is looked at several times while its contact is checked."""
    try:
        return phonenumbers.parse(international, region)
    except NumberParseException:
        return None


def _is_international(value: str) -> bool:
    return re.match(r"\(?(?:\+|00)", value) is not None


def _ascii_phone(value: str) -> str:
    """Return the number with ASCII digits, dashes and spaces, whatever keyboard it was typed on."""
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", value)).translate(_DASHES)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)


def clean_phone(value: str) -> str:
    """Return a telephone number as typed, in ASCII; refuse what is none."""
    plain = " ".join(_ascii_phone(value).split())
    has_digits = sum(c.isdigit() for c in plain) >= FEWEST_DIGITS
    if not (has_digits and len(plain) <= LONGEST_PHONE and _PHONE.fullmatch(plain)):
        raise PydanticCustomError("invalid_phone", "This must be a telephone number such as +49 30 123456.")
    if _is_international(plain):
        number = _parsed(plain, None)
        if number is None or not phonenumbers.is_possible_number(number):
            raise PydanticCustomError("invalid_phone", "No country has telephone numbers like this.")
    return plain


Phone = Annotated[str, line(LONGEST_PHONE), AfterValidator(clean_phone)]
"""A telephone number as typed, extension included; `e164_of` returns the number to dial."""


def e164_of(phone: str, region: str | None) -> str | None:
    """Return the number in E.164 (+49301234567, no extension) as dialled in the region; None if invalid."""
    number = international_without_plus(phone, region) or _parsed(phone, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not number.extension:
        _by_e164.put(e164, number)
    return e164


def international_without_plus(phone: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """Return the number that begins with a country code, though the plus before it is lost; None for any other.

    It is one that begins with the region's own code, or that nobody could dial within the region.
    """
    found = _WITHOUT_PLUS.fullmatch(phone)
    if not found or region is None:
        return None
    number = _parsed(f"+{phone}", None)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    code = phonenumbers.country_code_for_region(region)
    is_own = number.country_code == code
    if is_own and (found[1].strip() == str(code) or sum(map(str.isdigit, phone)) >= _FEWEST_WITH_CODE):
        return number
    national = _parsed(phone, region)
    is_dialled = national is not None and phonenumbers.is_valid_number(national)
    return None if is_dialled else number


def phone_keys(phone: str, e164: str | None) -> Iterator[str]:
    """Yield the keys that a number is found by: its E.164 form, and the digits typed without the extension."""
    if e164:
        yield e164
    digits = re.sub("[^0-9]", "", re.split("[A-Za-z#,;]", phone, maxsplit=1)[0])
    if digits:
        yield digits


def national_number(e164: str) -> str:
    """Return the number as it is written within its country: 030 123456 for +4930123456."""
    number = _by_e164.get(e164) or phonenumbers.parse(e164, None)
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def clean_url(value: str) -> str:
    """Return a link with its scheme; refuse what is none."""
    scheme = _SCHEME.match(value)
    url = scheme[1].lower() + value[scheme.end(1) :] if scheme else f"https://{value.removeprefix('//')}"
    if len(url) > LONGEST_URL or _NOT_IN_URLS.search(url) or not _is_link(url):
        raise PydanticCustomError("invalid_url", "This must be a link such as https://example.com/page.")
    return url


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme not in _WEB:
        return parts.scheme in _SCHEMES and bool(parts.netloc or parts.path)
    is_named = "." in host.strip(".") or host == "localhost" or ":" in host
    return is_named and "@" not in parts.netloc and (":" in host or _HOST.fullmatch(host) is not None)


Url = Annotated[str, line(LONGEST_URL), AfterValidator(clean_url)]
"""A link that is safe in a page: http, https, mailto, tel and the like, never javascript; www.x.de gets https."""
