"""Headers of every response, and of every HTML document that we serve."""

from __future__ import annotations

#: Of every response where the site is served over https (RFC 6797, section 7.2).
HSTS = ("Strict-Transport-Security", "max-age=31536000")

#: Only our own resources, nothing inline, no framing.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)

DOCUMENT_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)
