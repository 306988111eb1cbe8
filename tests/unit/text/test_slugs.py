import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.text.slugs import MAX_LENGTH, slug_candidates


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme Inc.", "acme-inc"),
        ("  Müller & Söhne GmbH ", "muller-and-sohne-gmbh"),
        ("Straße 7", "strasse-7"),
        ("ŁÓDŹ Ærø", "lodz-aero"),
        ("Ａｃｍｅ", "acme"),
        ("İstanbul", "istanbul"),
        ("株式会社 ABC", "abc"),
    ],
)
def test_the_first_candidate_is_the_name_in_plain_letters(name, slug):
    assert next(slug_candidates(name)) == slug


@pytest.mark.parametrize("name", ["北京科技", "شركة النور", "Ελλάς", "🚀", "---"])
def test_a_name_without_latin_letters_gets_a_slug_of_its_own_at_once(name):
    first, again = next(slug_candidates(name)), next(slug_candidates(name))
    assert re.fullmatch(r"company-[a-z0-9]{6}", first)
    assert first != again


@given(st.text(max_size=200))
def test_every_candidate_is_a_slug_and_they_never_end(name):
    candidates = list(itertools.islice(slug_candidates(name), 6))
    assert len(set(candidates)) == 6
    for candidate in candidates:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", candidate)
        assert len(candidate) <= MAX_LENGTH + 12
