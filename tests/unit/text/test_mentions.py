"""People named in texts, and what an entry is called."""

from __future__ import annotations

import pytest

from crmtenant.text.entry_titles import NO_WORDS, entry_title
from crmtenant.text.mentions import mentioned, with_ids, with_names, without_mentions

ADA, BEN = "u_" + "a" * 26, "u_" + "b" * 26


def test_each_is_named_once_in_order():
    assert mentioned(f"@[{BEN}] @[{ADA}]x@[{BEN}]") == [BEN, ADA]


@pytest.mark.parametrize(
    "text", ["@Ada", "@[Ada]", "@[u_short]", f"@{ADA}", f"[{ADA}]", f"@[{ADA}x]", f"@[{ADA.upper()}]", ""]
)
def test_what_only_looks_like_it_names_nobody(text):
    assert mentioned(text) == []
    assert without_mentions(text) == text


def test_names_and_other_ids_stand_in_their_place():
    text = f"@[{ADA}] and @[{BEN}]"
    assert with_names(text, {ADA: "Ada [x]\\1"}) == f"@Ada [x]\\1 and @[{BEN}]"
    assert with_ids(text, {ADA: BEN}.get) == f"@[{BEN}] and @[{BEN}]"


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("Wants a quote", "Wants a quote"),
        ("\n\n  ## **Quote** by `Friday`\nmore", "Quote by Friday"),
        ("- [ ] call\n- write", "call"),
        ("1. first", "first"),
        ("> quoted", "quoted"),
        ("see [the plan](https://example.com/a_b) ![x](y)", "see the plan x"),
        (f"@[{ADA}]\nhello", "hello"),
        ("---\n***\nReal words", "Real words"),
        ("snake_case stays readable", "snake_case stays readable"),
        ("日本語 のメモ", "日本語 のメモ"),
        ("x" * 300, "x" * 200),
        ("", NO_WORDS),
        ("!!! ---", NO_WORDS),
        ("-" * 100_000, NO_WORDS),
        ("[" * 60_000 + "x", NO_WORDS),
    ],
)
def test_the_first_line_with_words_is_the_title(body, title):
    assert entry_title(body) == title
