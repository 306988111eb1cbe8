"""Rows of contacts in files: what is set aside, and what is refused."""

from __future__ import annotations

import pytest

from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.transfer.contact_rows import checked
from crmtenant.services.transfer.contact_import import RefusedRow, ValidRow

GOOD, BAD = {"value": "bob@example.com"}, {"value": "ÑÑÑ"}


def _row(**contact: object) -> ValidRow | RefusedRow:
    (row,) = checked([ParsedContact(3, {"name": "Bob", **contact}, None, [])], region="DE")
    return row


def test_a_faulty_address_beside_a_good_one_is_set_aside() -> None:
    row = _row(emails=[GOOD, BAD])
    assert isinstance(row, ValidRow)
    assert row.values["email_keys"] == ["bob@example.com"]
    assert row.values["custom"] == {"emails 2": "ÑÑÑ"}
    assert [(field_error.pointer, field_error.code) for field_error in row.set_aside] == [
        ("/emails/1/value", "invalid_email")
    ]


@pytest.mark.parametrize(
    "contact",
    [{"emails": [BAD]}, {"emails": [BAD, BAD]}, {"emails": [GOOD, BAD], "birthday": "tomorrow"}],
)
def test_a_row_is_refused_whose_only_address_or_another_field_is_faulty(contact: dict[str, object]) -> None:
    row = _row(**contact)
    assert isinstance(row, RefusedRow)
    assert row.row == 3
