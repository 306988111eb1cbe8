"""Receipts are signed with Ed25519."""

from __future__ import annotations

import pytest

from crmtenant.security import receipt_keys

SECRET = "s" * 32
EC_KEY = b"""-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt
6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==
-----END PUBLIC KEY-----
"""


def test_only_the_signed_document_has_the_signature() -> None:
    key, signed = receipt_keys.public_key(SECRET), receipt_keys.signature(SECRET, b"as it is")
    assert receipt_keys.is_signed_by(key, signed, b"as it is")
    assert not receipt_keys.is_signed_by(key, signed, b"as it was")
    assert not receipt_keys.is_signed_by(receipt_keys.public_key("t" * 32), signed, b"as it is")
    assert not receipt_keys.is_signed_by(key, b"", b"as it is")


def test_the_key_of_a_secret_never_changes() -> None:
    """Customers keep it."""
    pem = receipt_keys.pem_of(receipt_keys.public_key(SECRET))
    assert pem == (
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAIyZ2de9jKmwlgmYC1ir6GW/ZemEBtDZW3Y1+HkYlaXI=\n"
        "-----END PUBLIC KEY-----\n"
    )
    assert receipt_keys.key_of(pem.encode()) == receipt_keys.public_key(SECRET)


@pytest.mark.parametrize("pem", [b"", b"nonsense", EC_KEY])
def test_another_kind_of_key_is_refused(pem: bytes) -> None:
    with pytest.raises(ValueError):
        receipt_keys.key_of(pem)
