"""E-mail addresses: one spelling to store and show, one key to compare by."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

# The documented way to accept special-use domains: intranets use .local, tests use .test.
SPECIAL_USE_DOMAIN_NAMES[:] = [name for name in SPECIAL_USE_DOMAIN_NAMES if name not in {"local", "test"}]

_SIGN_IN: dict[str, Any] = {"strict": True}
# Address books also hold addresses that nobody can be reached at.
_ADDRESS_BOOK: dict[str, Any] = {"globally_deliverable": False, "test_environment": True}


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
    options = _SIGN_IN if is_sign_in else _ADDRESS_BOOK
    try:
        parts = validate_email(text, check_deliverability=False, **options)
    except EmailNotValidError:
        raise ValueError("not an e-mail address") from None
    if "." not in parts.domain:
        raise ValueError("not an e-mail address: the domain has only one label")
    return Email(parts.normalized, _folded(parts.local_part, parts.ascii_domain))


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
