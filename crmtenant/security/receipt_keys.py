"""The keys that receipts are signed with: Ed25519 (RFC 8032), derived from secrets of the installation."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from crmtenant.security.keys import derived_key

_PURPOSE = "deletion receipts"


def signature(secret: str, document: bytes) -> bytes:
    """Return the signature of the document, 64 bytes."""
    return _private(secret).sign(document)


def public_key(secret: str) -> bytes:
    """Return the public key of this secret, 32 bytes."""
    return _private(secret).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def pem_of(key: bytes) -> str:
    """Return the public key as OpenSSL reads it (RFC 8410)."""
    found = Ed25519PublicKey.from_public_bytes(key)
    return found.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def key_of(pem: bytes) -> bytes:
    """Return the public key of such a file. Raises `ValueError` if it holds no Ed25519 key."""
    try:
        found = load_pem_public_key(pem)
    except UnsupportedAlgorithm as problem:
        raise ValueError(str(problem)) from None
    if not isinstance(found, Ed25519PublicKey):
        raise ValueError("not an Ed25519 key")  # noqa: TRY004 (what the file holds is a value)
    return found.public_bytes(Encoding.Raw, PublicFormat.Raw)


def is_signed_by(key: bytes, signed: bytes, document: bytes) -> bool:
    """Return whether the signature is that of the key's owner for this very document."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signed, document)
    except InvalidSignature:
        return False
    return True


def _private(secret: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(derived_key(secret, _PURPOSE))
