"""Habits of spreadsheets and of people: text cells, blanks, orders of dates, stray bytes."""

from __future__ import annotations

import io
from typing import Any

import pytest

from crmtenant.formats.blanks import is_blank
from crmtenant.formats.csv.delimiters import delimiter_for
from crmtenant.formats.csv.reader import open_csv, read_csv
from crmtenant.formats.dates import day_of, has_no_year
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.formats.phone_texts import phones_in


def cards(text: str | bytes, **options: Any) -> list[ParsedContact]:
    content = text.encode() if isinstance(text, str) else text
    return list(read_csv(io.BytesIO(content), max_rows=1000, **options))


@pytest.mark.parametrize(
    "cell", ['="01067"', '"=""01067"""', "'01067", '= "01067"', '=T("01067")', "\t01067"]
)
def test_a_cell_that_is_kept_as_text_is_its_text(cell: str) -> None:
    (card,) = cards(f"Name;PLZ;Kundennr\nAnna;{cell};{cell}\n")
    assert card.contact["addresses"] == [{"postal_code": "01067"}]
    assert card.contact["custom"] == {"Kundennr": "01067"}


def test_names_of_columns_may_be_kept_as_text() -> None:
    assert cards('="Name";="E-Mail"\n="Anna";="a@x.example"\n')[0].contact["emails"] == [
        {"value": "a@x.example"}
    ]


@pytest.mark.parametrize(
    ("days", "region", "read"),
    [
        (["03/04/1980", "04/13/1980"], "DE", ["1980-03-04", "1980-04-13"]),
        (["03/04/1980", "13/04/1980"], "US", ["1980-04-03", "1980-04-13"]),
        (["13/04/1980", "03-04-1980", "5/6/80"], "US", ["1980-04-13", "1980-04-03", "1980-06-05"]),
        (["03.04.1980", "04.13.1980"], "DE", ["1980-03-04", "1980-04-13"]),
        (["03/04/1980", "04/13/1980 12:00:00 AM"], "DE", ["1980-03-04", "1980-04-13"]),
        (["04/13/1980", "04/14/1980", "13/04/1980", "03/04/1980"], "DE", ["1980-04-13", "1980-04-14", "1980-04-13", "1980-03-04"]),
        (["03/04/1980", "05/06/1980"], "US", ["1980-03-04", "1980-05-06"]),
        (["03/04/1980", "05/06/1980"], "DE", ["1980-04-03", "1980-06-05"]),
    ],
)  # fmt: skip
def test_the_dates_of_a_column_have_one_order(days: list[str], region: str, read: list[str]) -> None:
    rows = "".join(f"Person {n},{day}\n" for n, day in enumerate(days))
    assert [card.contact["birthday"] for card in cards(f"Name,Birthday\n{rows}", region=region)] == read


def test_a_proof_at_the_end_of_a_long_file_counts_from_its_start() -> None:
    rows = "".join(f"Person {n},03/04/1980\n" for n in range(900))
    found = cards(f"Name,Birthday\n{rows}Last,04/13/1980\n", region="DE")
    assert {card.contact["birthday"] for card in found[:-1]} == {"1980-03-04"}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("1980/04/03", "1980-04-03"), ("03-Apr-1980", "1980-04-03"), ("3-Apr-80", "1980-04-03"),
        ("4/3/1980 12:00:00 AM", "1980-03-04"), ("12. März 1975", "1975-03-12"), ("12 mars 1975", "1975-03-12"),
        ("1er juillet 1980", "1980-07-01"), ("12 de marzo de 1975", "1975-03-12"), ("12 gennaio 1980", "1980-01-12"),
        ("12 maart 1975", "1975-03-12"), ("12 lipca 1975", "1975-07-12"), ("Thursday, April 3, 1980", "1980-04-03"),
        ("Tue Apr 03 1980 02:00:00 GMT+0200", "1980-04-03"), ("1980年4月3日", "1980-04-03"), ("3. 4. 1980", "1980-04-03"),
        ("1980-04-03T22:00:00.000Z", "1980-04-03"), ("Mai 1980", "Mai 1980"), ("31.02.1980", "31.02.1980"),
        ("١٩٨٠-٠٤-٠٣", "1980-04-03"), ("4. Quartal 1980", "4. Quartal 1980"), ("00.00.0000", None),
    ],
)  # fmt: skip
def test_dates_in_many_languages(written: str, day: str | None) -> None:
    assert day_of(written, "DE") == day


@pytest.mark.parametrize("written", ["5/23", "23.5.", "23.5", "--0523", "--05-23", "23. Mai", "May 23"])
def test_birthdays_without_a_year(written: str) -> None:
    assert has_no_year(written)
    (card,) = cards(f"Name;Birthday\nAnna;{written}\n")
    assert card.contact["custom"] == {"birthday": written}


@pytest.mark.parametrize(
    ("field", "cell", "blank"),
    [
        ("phones", "-", True), ("phones", "k. A.", True), ("phones", "000", True), ("phones", "inconnu", True),
        ("phones", "n.v.t.", True), ("phones", "brak", True), ("phones", "no disponible", True),
        ("emails", "keine", True), ("emails", "non specificato", True), ("emails", "keine E-Mail", False),
        ("birthday", "unknown", True), ("addresses", "Leer", False), ("addresses", "ND", False),
        ("addresses", "NO", False), ("addresses", "unbekannt", True), ("family_name", "Null", False),
        ("family_name", "k.A.", True), ("given_name", "K. A.", False), ("note", "keine", False), ("note", "--", True),
        ("custom", "***", False), ("organization", "unbekannt", True), ("name", "?", True),
    ],
)  # fmt: skip
def test_blanks_of_every_language(field: str, cell: str, blank: bool) -> None:
    assert is_blank(field, cell) is blank


def test_a_column_called_custom_need_not_be_json() -> None:
    (card,) = cards("Name,custom\nAnna,blue\n")
    assert card.contact["custom"] == {"custom": "blue"}
    assert not card.field_errors


def test_the_dates_of_our_own_export_may_come_back_from_a_spreadsheet() -> None:
    (card,) = cards("kind,name,birthday\nperson,Anna,22.03.1980\n")
    assert card.contact["birthday"] == "1980-03-22"


def test_a_stray_byte_is_told_with_its_cell() -> None:
    content = "Name;Ort\nJörg;Köln\nZoë;Düren\n".encode() + b"Otto;Gie\xdfen\n"
    *clean, otto = cards(content)
    assert [card.oddities for card in clean] == [[], []]
    assert otto.contact["addresses"] == [{"city": "Gießen"}]
    assert [(told.pointer, told.code, told.column, told.value) for told in otto.oddities] == [
        ("/addresses/0/city", "guessed_character", "Ort", "Gießen")
    ]


def test_a_stray_byte_in_the_header_is_read() -> None:
    assert open_csv(
        io.BytesIO(b"Name;Stra\xdfe\n" + "Jörg;Kölner Weg\nZoë;Ötzweg\n".encode()), max_rows=9
    ).columns.names == (
        "Name",
        "Straße",
    )


@pytest.mark.parametrize(
    ("text", "numbers", "has_more"),
    [
        ("030 123456 (2. Stock)", ["030 123456"], True),
        ("030 123456 / 0170 1234567", ["030 123456", "0170 1234567"], False),
        ("030 123456 (bis 01.02.2020)", ["030 123456"], True),
        ("+49 30,123456", ["+49 30 123456"], False),
        ("0043 1 234567 Klappe 12", ["0043 1 234567 ext. 12"], False),
        ("+48 22 123 45 67 wew. 12", ["+48 22 123 45 67 ext. 12"], False),
        ("+49 30 123456 +49 170 1234567", ["+49 30 123456", "+49 170 1234567"], False),
        ("siehe Zentrale", [], True),
        ("4,91701E+11", [], True),
    ],
)
def test_numbers_with_words_around_them(text: str, numbers: list[str], has_more: bool) -> None:
    found = phones_in(text)
    assert ([number for number, _ in found.numbers], found.has_more) == (numbers, has_more)


@pytest.mark.parametrize(
    ("language", "country", "delimiter"),
    [
        ("de", "DE", ";"), (None, "DE", ";"), ("en", "US", ","), ("en", "GB", ","), ("de", "CH", ";"), ("fr", "FR", ";"),
        ("pt-BR", "BR", ";"), ("es", "MX", ","), ("de-AT", None, ";"), (None, None, ","), ("xx", "XX", ","),
    ],
)  # fmt: skip
def test_the_delimiter_is_that_of_the_language(
    language: str | None, country: str | None, delimiter: str
) -> None:
    assert delimiter_for(language, country) == delimiter
