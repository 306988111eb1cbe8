"""The languages that the product itself speaks."""

from __future__ import annotations

GERMAN, ENGLISH = "de", "en"


def spoken(language: str | None) -> str:
    """Return the language to write in for somebody of this one (a BCP 47 tag in any case): German, or else English."""
    return GERMAN if (language or "").replace("_", "-").partition("-")[0].lower() == GERMAN else ENGLISH
