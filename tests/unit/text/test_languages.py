"""Mails and new columns speak the same language, however the company's is written."""

from __future__ import annotations

import pytest

from crmtenant.services.crm.projects import DEFAULT_COLUMNS
from crmtenant.services.mail import templates
from crmtenant.text.languages import ENGLISH, GERMAN, spoken


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        *((tag, GERMAN) for tag in ("de", "DE", "de-AT", "De-ch", "de_DE", "de-Latn-DE")),
        *((tag, ENGLISH) for tag in (None, "", "en", "fr", "den", "nl-DE", "x-de")),
    ],
)
def test_what_is_not_german_is_english(language: str | None, expected: str) -> None:
    assert spoken(language) == expected
    assert spoken(language) in DEFAULT_COLUMNS
    is_german = "Passwort" in templates.password_changed(language, name="Ada").subject
    assert is_german == (expected == GERMAN)
