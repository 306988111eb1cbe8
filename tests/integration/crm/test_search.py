"""Tokens and questions as PostgreSQL takes them."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtenant.text.search_query import tsquery
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import MOST_TOKENS


@pytest.fixture(scope="module")
def finds_of(server_address):
    """Whether a row with these tokens is found by this question."""
    with closing(server_address.admin().connect()) as connection, connection.cursor() as cursor:
        connection.autocommit = True  # a transaction left idle is ended by the server

        def found(q, stored):
            cursor.execute("SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", (stored, tsquery(q)))
            return cursor.fetchone()[0]

        yield found


@pytest.fixture(scope="module")
def finds(finds_of):
    """Whether a row with these texts is found by this question."""
    return lambda q, *texts: finds_of(q, search_tokens(*texts))


@pytest.mark.parametrize(
    ("q", "texts"),
    [
        ("berg", ["anna.berg@acme.eu"]),
        ("ann ber", ["Anna Berg"]),
        ("muller", ["Jürgen Müller"]),
        ("mueller", ["Jürgen Müller"]),
        ("Müller", ["Jürgen Mueller"]),
        ("MÜ", ["Jürgen Müller"]),
        ("strasse", ["Große Straße"]),
        ("lodz", ["Łódź"]),
        ("太郎", ["山田太郎"]),
        ("철수", ["김철수"]),
        ("हिन्दी", ["हिन्दी भाषा"]),
        ("محمد", ["مُحَمَّد أحمد"]),
        ("+49 30 123", ["+49301234567", "49301234567"]),
        ("030 123", ["0301234567"]),
        ("o'neil", ["Conor O'Neil"]),
        ("\\ ' berg & !", ["Berg"]),
    ],
)
def test_a_row_is_found(finds, q, texts):
    assert finds(q, *texts) is True


@pytest.mark.parametrize(
    ("q", "texts"),
    [("bert", ["Anna Berg"]), ("anna thal", ["Anna Berg"]), ("か", ["が"]), ("4930", ["+48301234567"])],
)
def test_another_row_is_not(finds, q, texts):
    assert finds(q, *texts) is False


def test_the_longest_document_fits_into_a_tsvector(finds):
    assert finds("\U00020000", "x", " ".join(f"{'𐐨' * 58}{i:06}" for i in range(MOST_TOKENS + 5))) is False


NAMES = ["Sean O'Brien", "Anne-Marie Mac Donald", "Ludwig van der Berg", "Jürgen Böhm", "Große Straße"]
PHONES = ["+49 89 1234567", "+49891234567", "498912345670", "089 1234567"]


@pytest.mark.parametrize(
    ("q", "row"),
    [
        ("obrien", 0), ("o brien", 0), ("O’BRIEN", 0), ("seanobrien", 0), ("brie", 0), ("rien", 0), ("sean obr", 0),
        ("annemarie", 1), ("anne marie", 1), ("macdonald", 1), ("mac-donald", 1), ("anne-marie macdonald", 1),
        ("onald", 1), ("nemar", None), ("vanderberg", 2), ("van-der-berg", 2), ("öhm", 3), ("OEHM", 3), ("boehm", 3),
        ("urgen", 3), ("strasse", 4), ("raße", 4), ("gross", 4), ("hm", None), ("bo", 3), ("oh", None),
    ],
)  # fmt: skip
def test_names_are_found_as_people_type_them(finds_of, q, row):
    found = [place for place, name in enumerate(NAMES) if finds_of(q, search_tokens(name))]
    assert found == ([] if row is None else [row])


@pytest.mark.parametrize(
    "q",
    [
        "0049 89 1234567", "004989 1234567", "+49 89 1234567", "+49 (0)89 1234567", "+49 (89) 123-4567", "49891234567",
        "089 1234567", "089/1234567", "0891234567", "89 1234567", "4567", "567", "34567", "123 4567", "1234567",
        "paula 4567", "0049 89 123",
    ],
)  # fmt: skip
def test_numbers_are_found_however_they_are_written(finds_of, q):
    stored = search_tokens("Paula Phone", phones=["+49 89 1234567", "+49891234567", "089 1234567"])
    assert finds_of(q, stored)
    assert not finds_of(q, search_tokens("Paula Other", phones=["+49 89 7654321"]))


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("MUELLER SÖHNE AG", "Müller Söhne AG"),
        ("Müller Söhne AG", "MUELLER SÖHNE AG"),
        ("muller sohne", "MUELLER SOEHNE AG"),
        ("Müller & Söhne", "Müller und Söhne KG"),
        ("Müller und Söhne GmbH", "Müller & Söhne AG"),
        ("Acme Ltd.", "ACME Limited"),
        ("Acme Limited", "Acme"),
        ("Acme G.m.b.H.", "Acme GmbH"),
        ("Acme GmbH & Co. KG", "Acme"),
        ("acmetools", "Acme-Tools Inc."),
    ],
)
def test_organisations_are_found_in_another_spelling_and_legal_form(finds_of, q, name):
    assert finds_of(q, search_tokens(name, is_organization=True))


def test_a_legal_form_does_not_find_people_of_that_name(finds_of):
    assert not finds_of("Müller AG", search_tokens("Petra Müller"))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_question_and_no_text_is_an_error(finds, q, text):
    assert finds(q, text) in (True, False, None)
