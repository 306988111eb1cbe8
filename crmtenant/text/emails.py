"""E-mail addresses: one spelling to store and show, one key to compare by."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, ValidatedEmail, validate_email
from email_validator.rfc_constants import (
    CASE_INSENSITIVE_MAILBOX_NAMES,
    EMAIL_MAX_LENGTH,
    LOCAL_PART_MAX_LENGTH,
)

# The documented way to accept special-use domains: intranets use .local, tests use .test.
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in {"local", "test"}]

_SIGN_IN: dict[str, Any] = {"strict": True}
# Address books also hold addresses that nobody can be reached at.
_ADDRESS_BOOK: dict[str, Any] = {"globally_deliverable": False, "test_environment": True}

DOMAINS_REMEMBERED = 1024
_PLAIN_LOCAL = re.compile(r"[A-Za-z0-9]+(?:[._+\-][A-Za-z0-9]+)*")
# Spelled in ASCII a domain is longer, and in NFC perhaps shorter: far from the limit neither matters.
_LONGEST_PLAIN = EMAIL_MAX_LENGTH // 4


@dataclass(frozen=True, slots=True)
class Email:
    """An address as it is shown and written to, and the key that all its spellings share."""

    address: str
    key: str


def parse_email(text: str, *, is_sign_in: bool = True) -> Email:
    """Return the address, normalised as RFC 6531 spells it. No name server is asked whether it exists.

    Local parts are compared without case; domains as the DNS does, so IDN and punycode are the same.
    `is_sign_in=False` accepts what an address book may hold: special-use domains and long local parts.

    Raises: `ValueError` if the text is not an e-mail address.
    """
    local, _, domain = text.partition("@")
    parts = _of_domain(domain, is_sign_in=is_sign_in) if _is_plain(local, domain) else None
    if parts is not None:
        return Email(f"{local}@{parts.domain}", _folded(local, parts.ascii_domain))
    parts = _validated(text, is_sign_in=is_sign_in)
    return Email(parts.normalized, _folded(parts.local_part, parts.ascii_domain))


def _is_plain(local: str, domain: str) -> bool:
    """Return whether only the domain decides: all rules allow this local part as it is."""
    return (
        _PLAIN_LOCAL.fullmatch(local) is not None
        and len(local) <= LOCAL_PART_MAX_LENGTH
        and len(local) + len(domain) < _LONGEST_PLAIN
        and local.lower() not in CASE_INSENSITIVE_MAILBOX_NAMES
    )


@lru_cache(maxsize=DOMAINS_REMEMBERED)
def _of_domain(domain: str, *, is_sign_in: bool) -> ValidatedEmail | None:
    """Return an address at the domain, None if it has none. People of one company share it."""
    try:
        return _validated(f"a@{domain}", is_sign_in=is_sign_in)
    except ValueError:
        return None


def _validated(text: str, *, is_sign_in: bool) -> ValidatedEmail:
    options = _SIGN_IN if is_sign_in else _ADDRESS_BOOK
    try:
        parts = validate_email(text, check_deliverability=False, **options)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    if "." not in parts.domain:
        raise ValueError("not an e-mail address: the domain has only one label")
    return parts


def email_key(address: str) -> str:
    """Return what contacts are looked up by: the key people sign in with, of whatever was typed, address or not."""
    local, _, domain = address.rpartition("@")
    if domain.isascii():  # as nearly all are, and then there is nothing to convert
        return unicodedata.normalize("NFC", _folded(local, domain))
    try:
        return unicodedata.normalize("NFC", parse_email(address, is_sign_in=False).key)
    except ValueError:
        return unicodedata.normalize("NFC", _folded(local, domain))


def _folded(local: str, domain: str) -> str:
    # A domain is not casefolded: straße.de and strasse.de are two domains.
    return f"{local.casefold()}@{domain.lower()}"
