"""Which names can be one person's or one organisation's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.services.duplicates.name_index import FEW, NameIndex
from crmtenant.text.compared_names import agree, compared, is_fuller


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Berg", "Berg, Anna"),
        ("Anna Berg", "ANNA BERG"),
        ("Änna Bérg", "Anna Berg"),
        ("Anna Berg", "A. Berg"),
        ("Anna Berg", "Anna B."),
        ("Anna Berg", "A. B."),
        ("Anna Berg", "Anna"),
        ("Anna Berg", "Berg"),
        ("Anna Berg", "Anna Maria Berg"),
        ("Anna M. Berg", "Anna Maria Berg"),
        ("Anna Berg", "Anna Berg-Maier"),
        ("Dr. Anna Berg", "Anna Berg"),
        ("Prof. Dr. med. Berg", "Anna Berg"),
        ("Frau Dipl.-Ing. (FH) Anna Berg", "Berg Anna"),
        ("Frau Berg", "Anna Berg"),
        ("Hans-Peter Muster", "Hans Muster"),
        ("H.-P. Muster", "Hans-Peter Muster"),
        ("Annemarie Muster", "Anne-Marie Muster"),
        ("Anne Marie Muster", "Annemarie Muster"),
        ("Sean O'Brien", "Seán OBrien"),
        ("Sean O’Brien", "Sean O'Brien"),
        ("Hans MacDonald", "Hans Mac Donald"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Hans Berg jun.", "Hans Berg"),
        ("山田 太郎", "山田太郎"),
        ("", "Anna Berg"),
        ("n/a", "Anna Berg"),
        ("Unbekannt", "Anna Berg"),
        ("anna@x.example", "Bob Ray"),
        ("+49 30 123", "Bob Ray"),
    ],
)
def test_names_that_can_be_one_persons(one, other):
    assert agree(compared(one), compared(other))
    assert agree(compared(other), compared(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hans Muster", "Greta Muster"),
        ("Anna Berg", "Anna Maier"),
        ("Anna Berg", "B. Berg"),
        ("A. Berg", "Berta Berg"),
        ("Anna Berg", "Bob"),
        ("Anna Berg", "Anton Bauer"),
        ("Anna Maria Berg", "Anna Clara Berg"),
        ("Herr Müller", "Frau Müller"),
        ("Mr Smith", "Mrs Smith"),
        ("Hans Berg sen.", "Hans Berg jun."),
        ("Person 1", "Person 17"),
        ("Phil Collins", "Lily Collins"),
        ("李 明", "李 敏"),
        ("Иван Иванов", "Пётр Иванов"),
    ],
)
def test_names_that_contradict_each_other(one, other):
    assert not agree(compared(one), compared(other))
    assert not agree(compared(other), compared(one))


def _of_organization(name):
    return compared(name, is_organization=True)


@pytest.mark.parametrize(
    ("one", "other", "is_one_by_name"),
    [
        ("Müller Söhne AG", "MUELLER SÖHNE AG", True),
        ("Müller & Söhne AG", "Müller und Söhne Aktiengesellschaft", True),
        ("Acme Ltd.", "ACME Limited", True),
        ("Acme G.m.b.H.", "Acme GmbH", True),
        ("Acme GmbH & Co. KG", "Acme GmbH und Co.KG", True),
        ("Wendy's Inc.", "Wendys Incorporated", True),
        ("Chorverein e. V.", "Chorverein e.V.", True),
        ("Firma Acme", "Acme", True),
        ("Rossi e Figli S.p.A.", "Rossi & Figli SPA", True),
        ("Acme", "Acme GmbH", False),
    ],
)
def test_names_that_can_be_one_organisations(one, other, is_one_by_name):
    one, other = _of_organization(one), _of_organization(other)
    assert agree(one, other)
    assert (one.match_key == other.match_key) == is_one_by_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Acme GmbH", "Acme AG"),
        ("Acme GmbH", "Acme Holding GmbH"),
        ("Siemens", "Siemens Energy"),
        ("AG", "KG"),
        ("!!!", "???"),
    ],
)
def test_organisations_that_are_two(one, other):
    assert not agree(_of_organization(one), _of_organization(other))


@pytest.mark.parametrize(
    ("name", "than", "is_it"),
    [
        ("Anna Berg", "A. Berg", True),
        ("Anna Maria Berg", "Anna Berg", True),
        ("Anna Berg", "Berg", True),
        ("Anna Berg", "anna@x.example", True),
        ("Dr. Anna Berg", "Anna Berg", False),
        ("Berg, Anna", "Anna Berg", False),
        ("A. Berg", "Anna Berg", False),
        ("Anna B.", "A. Berg", False),
        ("", "Anna Berg", False),
    ],
)
def test_a_name_that_says_more(name, than, is_it):
    assert is_fuller(compared(name), compared(than)) == is_it


words = st.sampled_from(
    ["Anna", "Anton", "Berg", "Bauer", "A.", "B.", "Maria", "M.", "Anne-Marie", "Annemarie", "李"]
)
names = st.lists(words, max_size=4).map(" ".join).filter(lambda name: len(compared(name).words) <= 5)


@given(st.lists(names, min_size=FEW + 1, max_size=40), names)
def test_many_names_are_found_as_if_each_was_compared(stored, asked):
    index = NameIndex()
    stored = list(dict.fromkeys(stored))
    for name in stored:
        index.add(compared(name), name)
    agreeing = [name for name in stored if agree(compared(name), compared(asked))]
    assert index.agreeing(compared(asked)) == agreeing[:20]


@given(st.text(max_size=60), st.text(max_size=60), st.booleans(), st.booleans())
def test_no_name_is_an_error(one, other, is_first_organization, is_second_organization):
    first = compared(one, is_organization=is_first_organization)
    second = compared(other, is_organization=is_second_organization)
    assert agree(first, second) == agree(second, first)
    assert agree(first, first)
    assert len(first.match_key) <= 200
