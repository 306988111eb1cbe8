"""What an import makes of a contact and its additions is what checking all of it again would make."""

from __future__ import annotations

from typing import Any

import pytest

from crmtenant.errors import Invalid
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft
from crmtenant.schemas.crm.contact_lists import MOST_ENTRIES
from crmtenant.schemas.transfer.contact_rows import merged
from crmtenant.services.transfer.contact_additions import additions

CONTACTS: list[dict[str, Any]] = [
    {"name": "A. Berg"},
    {"given_name": "Anna", "family_name": "Berg", "emails": [{"value": "Anna.Berg@Example.com"}], "birthday": "1990-02-28"},
    {"name": "Anna Maria Berg", "phones": [{"value": "030 123456"}, {"value": "+49 170 1234567 ext. 12", "label": "mobile"}]},
    {"name": "Berg", "addresses": [{"street": "Rue 1", "city": "Lyon", "country": "FR"}], "phones": [{"value": "01 42 68 53 00"}]},
    {"name": "Dr. Änna BERG", "prefix": "Dr.", "urls": [{"value": "berg.de"}], "tags": ["a", "b"], "custom": {"x": 1.5, "y": ["z"]}},
    {"kind": "organization", "name": "Berg & Söhne GmbH", "note": "first\nsecond", "emails": [{"value": "info@münchen.de"}]},
]  # fmt: skip


@pytest.mark.parametrize("row", CONTACTS)
@pytest.mark.parametrize("known", CONTACTS)
@pytest.mark.parametrize("region", ["DE", None])
def test_additions_are_joined_as_they_would_be_checked(known: Any, row: Any, region: str | None) -> None:
    both = added_to(known, row, region)
    found = merged(both, "Firma Süd", region)
    assert {**found, "search": found["search"]()} == checked_again(both, "Firma Süd", region)


@pytest.mark.parametrize(
    ("name", "values", "more"),
    [
        (
            "emails",
            [{"value": f"a{n}@example.com"} for n in range(MOST_ENTRIES)],
            [{"value": "b@example.com"}],
        ),
        ("tags", [f"tag {n}" for n in range(50)], ["more"]),
        ("custom", {f"field {n}": "x" for n in range(100)}, {"more": "x"}),
    ],
)
def test_more_than_a_contact_may_have_is_refused(name: str, values: Any, more: Any) -> None:
    both = added_to({"name": "Anna", name: values}, {"name": "Anna", name: more}, None)
    with pytest.raises(Invalid):
        merged(both, None, None)


def added_to(known: Any, row: Any, region: str | None) -> dict[str, Any]:
    before, values = (
        {**load(ContactDraft, contact, context={"region": region}).columns(), "source_keys": []}
        for contact in (known, row)
    )
    return {**before, **additions(before, values)}


def checked_again(values: dict[str, Any], organization: str, region: str | None) -> dict[str, Any]:
    contact = {name: values[name] for name in WRITABLE if values[name] is not None}
    if contact.get("birthday"):
        contact["birthday"] = contact["birthday"].isoformat()
    return load(ContactDraft, contact, context={"region": region}).columns(organization=organization)
