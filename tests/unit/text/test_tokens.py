"""Folding, tokens and queries."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.text.tokens import LONGEST_TOKEN, MOST_TOKENS, fold, tokens

anything = st.text(st.characters(exclude_categories=()), max_size=60)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ünal Çelik", "unal celik"),
        ("Straße STRASSE ẞ", "strasse strasse ss"),
        ("Ørsted Łódź Đorđe Æsir œuvre þing", "orsted lodz dorde aesir oeuvre thing"),
        ("İstanbul ıslak", "istanbul islak"),
        ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
        ("Йогурт", "иогурт"),
        ("ガンダム がんばれ", "ガンダム がんばれ"),
        ("ｶﾞﾝ", "ガン"),
        ("김철수", "김철수"),
        ("हिन्दी", "हिन्दी"),
        ("أحمد مُحَمَّد", "احمد محمد"),
        ("شرکت علی", "شركت علي"),
        ("שָׁלוֹם", "שלום"),
        ("٤٢ ４２ ४२", "42 42 42"),
        ("ﬁne №① Ａ", "fine no1 a"),
        ("co\u00adoperate \u200bx\ufeff", "cooperate x"),
        ("e" + "\u0301" * 10_000, "e"),
    ],
)
def test_text_is_folded_to_plain_letters(text, folded):
    assert fold(text) == folded


@given(anything)
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.lists(anything, max_size=4))
def test_tokens_are_distinct_bounded_words(texts):
    found = tokens(*texts)
    assert len(found) == len(set(found))
    for token in found:
        assert 1 <= len(token) <= LONGEST_TOKEN
        assert not set(token) & set(" '\\\"&|!:*()<>\0\n")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("anna.berg@acme.eu", ["anna", "berg", "acme", "eu"]),
        ("Müller-Lüdenscheidt", ["muller", "ludenscheidt", "mueller", "luedenscheidt"]),
        ("日本語 IBM東京", ["日", "本", "語", "ibm", "東", "京"]),
        ("김철수", ["김", "철", "수"]),
        ("क्षेत्र", ["क्षेत्र"]),
        ("O'Neil & Söhne_GmbH", ["o", "neil", "sohne", "gmbh", "soehne"]),
        ("", []),
        (None, []),
        ("!!! %% __", []),
        ("\ud800 x", ["x"]),
    ],
)
def test_text_is_split_into_words(text, found):
    assert tokens(text) == found


def test_tokens_are_bounded_in_number_and_size():
    assert len(tokens(" ".join(f"word{i}" for i in range(5000)))) == MOST_TOKENS
    assert tokens("x" * 10_000) == ["x" * LONGEST_TOKEN]
