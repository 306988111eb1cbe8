"""Give numbers back the plus that a spreadsheet took from them: it reads +491701234567 as a number."""

from __future__ import annotations

import re
from typing import Any

from crmtenant.schemas.fields.contact_points import international_without_plus

_WITHOUT_PLUS = re.compile(r"[1-9][0-9 ]{8,20}")


def with_country_codes(contact: dict[str, Any], region: str | None) -> dict[str, Any]:
    """Return the contact, its telephone numbers with a plus where they begin with a country code."""
    phones = contact.get("phones")
    if not phones or not any(_may_have_lost_it(entry) for entry in phones):
        return contact
    return {**contact, "phones": [_restored(entry, region) for entry in phones]}


def _may_have_lost_it(entry: Any) -> bool:
    value = entry.get("value") if isinstance(entry, dict) else None
    return isinstance(value, str) and _WITHOUT_PLUS.fullmatch(value) is not None


def _restored(entry: Any, region: str | None) -> Any:
    if not _may_have_lost_it(entry) or international_without_plus(entry["value"], region) is None:
        return entry
    return {**entry, "value": f"+{entry['value']}"}
