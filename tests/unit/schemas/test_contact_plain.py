"""What is read of plain values without the draft is what the draft reads; everything else is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.errors import Invalid
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.transfer.contact_plain import plain_columns

VALUES: list[Any] = [
    *("Anna", " Anna", "Anna ", "", " ", "Z\u0065\u0301", "Zé", "a\nb", "\u200b", "x" * 101, "x" * 501, "n\u00e4 \u202e"),
    *("anna@example.com", "INFO@Example.COM", "no address", "a@b", "+49 170 1234567", "030 123456 ext. 12", "12", "00 49"),
    *("DE", "de", "Germany", "berg.de", "javascript:alert(1)", "https://x.de/ y", "1990-02-28", "28.2.1990", "person"),
    *(None, True, 1, 1.5, [], {}, ["a", "a"], ["a", " "], {"x": "y"}, {"x": {"y": 1}}),
]  # fmt: skip
value = st.sampled_from(VALUES)
entry = st.fixed_dictionaries(
    {"value": value},
    optional={"label": value, "is_primary": st.booleans(), "odd": st.just("x")},
)
address = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("label", "street", "postal_code", "city", "region", "country"), value)
)
contact = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(
            ("kind", "name", "given_name", "family_name", "nickname", "job_title", "note", "birthday"), value
        ),
        **dict.fromkeys(("emails", "phones", "urls"), st.one_of(value, st.lists(entry, max_size=3))),
        "addresses": st.one_of(value, st.lists(address, max_size=2)),
        **dict.fromkeys(("tags", "custom", "owner_id", "organization_id", "unknown"), value),
    },
)


@given(contact, st.sampled_from(["DE", None]))
def test_it_is_what_the_draft_reads(contact: dict[str, Any], region: str | None) -> None:
    found = plain_columns(contact, region)
    try:
        draft = load(ContactDraft, contact, context={"region": region})
    except Invalid:
        assert found is None
    else:
        assert found in (None, without_search(draft.columns()))


@pytest.mark.parametrize("text", [value for value in VALUES if isinstance(value, str)])
@pytest.mark.parametrize(
    "make",
    [
        lambda text: {"name": text},
        lambda text: {"name": "A", "note": text},
        lambda text: {"name": "A", "birthday": text},
        lambda text: {"name": "A", "tags": [text]},
        lambda text: {"emails": [{"value": text, "label": text}]},
        lambda text: {"name": "A", "phones": [{"value": text}, {"value": "+49 30 123456"}]},
        lambda text: {"name": "A", "urls": [{"value": text}]},
        lambda text: {"name": "A", "addresses": [{"street": text, "country": "FR"}]},
        lambda text: {"name": "A", "addresses": [{"city": "Kiel", "country": text}]},
    ],
)
def test_each_kind_of_value_is_what_the_draft_reads(make: Any, text: str) -> None:
    test_it_is_what_the_draft_reads.hypothesis.inner_test(make(text), "DE")


def test_what_most_files_have_is_plain() -> None:
    contact = {
        "given_name": "Änne", "family_name": "Berg", "job_title": "Engineer", "note": "first\nsecond", "birthday": "1990-02-28",
        "emails": [{"label": None, "value": "Anna@Example.com"}], "phones": [{"label": "mobile", "value": "0170 1234567"}],
        "addresses": [{"label": "work", "street": "Weg 1", "city": "Kiel", "country": "DE"}], "urls": [{"value": "berg.de"}],
        "tags": ["a", "b"], "custom": {"Kundennummer": "K1"},
    }  # fmt: skip
    draft = load(ContactDraft, contact, context={"region": "DE"})
    assert plain_columns(contact, "DE") == without_search(draft.columns())


def without_search(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in columns.items() if name != "search"}
