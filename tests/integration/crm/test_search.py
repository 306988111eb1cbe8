"""Tokens and questions as PostgreSQL takes them."""

from __future__ import annotations

from contextlib import closing

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmtenant.text.tokens import MOST_TOKENS, tokens, tsquery


@pytest.fixture(scope="module")
def finds(server_address):
    """Whether a row with these texts is found by this question."""
    with closing(server_address.admin().connect()) as connection, connection.cursor() as cursor:

        def found(q, *texts):
            cursor.execute(
                "SELECT array_to_tsvector(%s::text[]) @@ %s::tsquery", (tokens(*texts), tsquery(q))
            )
            return cursor.fetchone()[0]

        yield found


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


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_question_and_no_text_is_an_error(finds, q, text):
    assert finds(q, text) in (True, False, None)
