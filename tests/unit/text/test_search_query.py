"""What a query asks for, and that it finds what was stored."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.text.search_query import MOST_WORDS, tsquery
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import LONGEST_TOKEN, MOST_TOKENS

anything = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("q", "asked"),
    [
        ("Anna Berg", "('anna':* & 'berg':*) | 'annaberg':*"),
        ("anna anna", "'anna':* | 'annaanna':*"),
        ("be", "'^be'"),
        ("öhm", "('ohm':* | 'oehm':*)"),
        ("Müller", "('muller':* | 'mueller':*)"),
        ("Anne-Marie", "('anne':* & 'marie':*) | 'annemarie':*"),
        ("東京", "('^東':* & '^京':*) | '東京':*"),
        ("+49 30 1234", "('^49' & '^30' & '1234':*) | '49301234':* | '-43210394':*"),
        ("0049 30 1234", "('0049':* & '^30' & '1234':*) | '0049301234':* | '49301234':* | '-43210394':*"),
        ("+49 (0)30 1234", "('^49' & '^0':* & '^30' & '1234':*) | '49301234':* | '-43210394':*"),
        ("0301234", "'0301234':* | '-4321030':*"),
        ("(030) 12", "('030':* & '^12') | '03012':* | '-21030':*"),
        ("123", "'123':* | '-321':*"),
        ("12", "'^12'"),
        ("anna 4567", "'anna':* & ('4567':* | '-7654':*)"),
        ("Acme AG", "('acme':* & ('^ag' | '=organization')) | 'acmeag':*"),
        ("AG", "'^ag'"),
        ("", None),
        ("  ", None),
        ("'; DROP TABLE x; --", "('drop':* & 'table':* & '^x':*) | 'droptablex':*"),
        ("\\' | !* :A <-> &", "'^a':*"),
        ("% _ \\", None),
    ],
)
def test_a_question_becomes_a_tsquery(q, asked):
    assert tsquery(q) == asked


@given(anything)
def test_a_question_can_hold_nothing_but_quoted_words(q):
    asked = tsquery(q)
    assert asked is None or re.fullmatch(r"(?:'[^'\\\0\s]+'(?::\*)?|[()]| & | \| )+", asked)


def test_a_question_is_bounded():
    assert tsquery(" ".join(f"w{i}" for i in range(1000))).count("'^w") == MOST_WORDS
    assert max(map(len, re.findall("'([^']+)'", tsquery("x" * 10_000)))) == LONGEST_TOKEN


@given(st.text(min_size=1, max_size=30))
def test_what_was_stored_is_asked_for_by_its_own_words(text):
    stored, asked = search_tokens(text), tsquery(text)
    assert bool(stored) == bool(asked)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            ("Sean O'Brien",),
            ["sean", "^se", "o", "^o", "brien", "^br", "ean", "rien", "ien", "seanobrien", "obrien"],
        ),
        (("Böhm",), ["bohm", "^bo", "ohm", "boehm", "oehm", "ehm"]),
        (("Ng",), ["ng", "^ng"]),
        ((), []),
    ],
)
def test_a_name_is_found_by_its_words_together_and_inside(given, found):
    assert search_tokens(*given) == found


def test_long_text_is_found_by_words_and_words_written_in_one():
    assert search_tokens(text="call O'Brien soon") == [
        *("call", "^ca", "o", "^o", "brien", "^br", "soon", "^so", "obrien"),
    ]


def test_a_number_is_found_by_its_groups_in_one_and_from_its_end():
    assert search_tokens(phones=["+49 89 12"]) == [
        *("49", "^49", "89", "^89", "12", "^12", "498912", "-219894"),
    ]


@given(st.lists(anything, max_size=3), anything)
def test_tokens_are_distinct_and_bounded(names, text):
    found = search_tokens(*names, text=text, details=names, phones=names)
    assert len(found) == len(set(found))
    for token in found:
        assert 1 <= len(token) <= LONGEST_TOKEN
        assert not set(token) & set(" '\\\"&|!:*()<>\0\n")


def test_a_long_note_costs_no_name_its_tokens():
    found = search_tokens("Johanna", text=" ".join(f"word{i}" for i in range(5000)), phones=["4567"])
    assert len(found) == MOST_TOKENS
    assert {"hanna", "-7654"} <= set(found)
