"""Contacts as people have them: a name, two e-mail addresses, a telephone number, an address, tags."""

from __future__ import annotations

from typing import Any

_GIVEN = ("Anna", "Björn", "Chiara", "Dmitri", "Eduardo", "Fatima", "Grace", "Håkon", "Ivana", "Jürgen")
_FAMILY = ("Berg", "Novák", "Rossi", "Sørensen", "García", "Yılmaz", "O'Neill", "Schmidt", "Dubois", "Costa")
_TITLES = ("Head of purchasing", "Engineer", "Managing director", "Consultant", "Office manager")
_TAGS = ("customer", "newsletter", "fair-2026", "vip", "supplier", "press")


def contact(number: int) -> dict[str, Any]:
    """The body that creates the contact with this number; no two are alike."""
    given, family = _GIVEN[number % 10], _FAMILY[number // 10 % 10]
    return {
        "given_name": given,
        "family_name": f"{family} {number}",
        "job_title": _TITLES[number % 5],
        "emails": [
            {"label": "work", "value": f"contact{number}@example.com", "is_primary": True},
            {"label": "home", "value": f"private{number}@example.org"},
        ],
        "phones": [{"label": "mobile", "value": f"+49 170 {1_000_000 + number}"}],
        "addresses": [
            {
                "label": "work",
                "street": f"Hauptstraße {number % 200 + 1}",
                "postal_code": f"{10_000 + number % 80_000}",
                "city": "Berlin",
                "country": "DE",
            }
        ],
        "tags": [_TAGS[number % 6], _TAGS[(number + 2) % 6]],
    }
