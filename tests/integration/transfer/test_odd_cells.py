"""One odd cell never costs the contact: it is there with what is good, and the odd value is kept and told."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.integration.transfer.importing import Importing

PHONES = {
    "-": [], "k.A.": [], "n/a": [], "0": [], "unbekannt": [],
    "tel:+4930123456": ["+4930123456"],
    "Tel. 030 123456": ["030 123456"],
    "030 123456 App. 12": ["030 123456 ext. 12"],
    "030/123456 oder 0170/1234567": ["030/123456", "0170/1234567"],
    "030 123456 (Frau Muster)": ["030 123456"],
    "nur abends": [],
}  # fmt: skip
TOLD = {"030 123456 (Frau Muster)", "nur abends"}
DAYS = {
    "31.02.1980": None, "1980/04/03": "1980-04-03", "03-Apr-1980": "1980-04-03", "12. März 1975": "1975-03-12",
    "4/3/1980 12:00:00 AM": "1980-03-04", "5/23": None, "unbekannt": None, "29314": "1980-04-03", "irgendwann": None,
}  # fmt: skip


def test_numbers_with_words_and_blanks(importing: Importing) -> None:
    rows = "".join(f"Person {n};p{n}@x.example;{cell}\n" for n, cell in enumerate(PHONES))
    result = importing.csv(f"Name;E-Mail;Telefon\n{rows}")
    assert result.created == len(PHONES)
    for n, (cell, numbers) in enumerate(PHONES.items()):
        contact = importing.contact(f"Person {n}")
        assert [entry["value"] for entry in contact.phones] == numbers
        assert contact.custom == ({"Telefon": cell} if cell in TOLD else {})
    assert {(error.column, error.value) for error in result.errors} == {("Telefon", cell) for cell in TOLD}
    assert all(error.is_imported for error in result.errors)


def test_birthdays_that_are_dates_and_that_are_none(importing: Importing) -> None:
    rows = "".join(f"Person {n};{cell}\n" for n, cell in enumerate(DAYS))
    result = importing.csv(f"Name;Geburtstag\n{rows}")
    assert result.created == len(DAYS)
    for n, (cell, day) in enumerate(DAYS.items()):
        contact = importing.contact(f"Person {n}")
        assert (contact.birthday.isoformat() if contact.birthday else None) == day
        assert day or cell == "unbekannt" or cell in contact.custom.values()
    assert {error.value for error in result.errors} == {"31.02.1980", "5/23", "29314", "irgendwann"}


@pytest.mark.parametrize("region", ["DE", "US"])
def test_a_row_told_once_is_told_again_and_adds_nothing(session: Session, region: str) -> None:
    importing = Importing(session, region=region)
    text = "Name,E-mail,Phone\nAnna,anna@x.example,ask Bob\n"
    importing.csv(text)
    result = importing.csv(text)
    assert (result.created, result.updated, result.skipped, len(result.errors)) == (0, 0, 1, 1)


def test_an_odd_value_too_long_for_a_field_is_in_the_note(importing: Importing) -> None:
    importing.csv(f"Name,Phone,Notes\nAnna,{'word ' * 500},mine\n")
    assert importing.contact("Anna").note == f"mine\nPhone: {('word ' * 500).strip()}"
