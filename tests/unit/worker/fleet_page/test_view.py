"""Which companies a query string asks for."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crmtenant.worker.fleet_page.view import COLUMNS, FILTERS, PAGE_ROWS, View, read_view, select
from tests.unit.worker.fleet_page.fleets import MOMENT, company, fleet, many


def slugs(found, view):
    return [one.slug for one in select(found, view).rows]


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(sort="load", is_reversed=True),
        View(is_reversed=True, query="O'Neill & Söhne", only="with_drift", page=7),
    ],
)
def test_an_address_is_read_as_the_view_it_is_of(view):
    assert read_view(view.address.partition("?")[2]) == view


@pytest.mark.parametrize(
    "query_string",
    [
        "",
        "sort=password",
        "sort=--slug",
        "only=everything",
        "page=0",
        "page=-1",
        "page=x",
        "page=²",
        "page=99999999999",
        "%00",
        "&&==&",
    ],
)
def test_what_is_asked_wrongly_is_as_at_first(query_string):
    assert read_view(query_string) == View()


def test_of_thousands_one_page_is_shown_and_beyond_the_last_the_last():
    found = many(2 * PAGE_ROWS + 1)
    first, last, beyond = (select(found, View(page=page)) for page in (1, 3, 99))
    assert (len(first.rows), first.pages, first.found) == (PAGE_ROWS, 3, 2 * PAGE_ROWS + 1)
    assert [one.slug for one in last.rows] == ["company-0200"]
    assert beyond == last


def test_each_column_orders_both_ways_whatever_is_missing():
    nothing = {"size_bytes": None, "schema_revision": None, "proven_at": None, "used_at": None, "load": None}
    found = fleet(company("a", **nothing, drift="missing"), company("b"))
    for column in COLUMNS:
        forth, back = (slugs(found, View(sort=column, is_reversed=way)) for way in (False, True))
        assert sorted(forth) == sorted(back) == ["a", "b"]
    assert slugs(found, View(sort="size", is_reversed=True)) == ["b", "a"]


def test_words_are_looked_for_in_slug_name_and_server():
    found = fleet(company("a", name="Straße"), company("b", server="berlin2"))
    assert [slugs(found, View(query=query)) for query in ("STRASSE", "berlin", "b", "none")] == [
        ["a"],
        ["b"],
        ["b"],
        [],
    ]


def test_filters_find_what_they_count():
    found = fleet(
        company("fine"),
        company("lost", drift="missing"),
        company("old", drift="behind", schema_revision="0006"),
        company("late", proven_at=MOMENT - timedelta(hours=27)),
        company("never", proven_at=None),
        company("suspended", state="suspended", proven_at=None, schema_revision="0006"),
    )
    assert {name: slugs(found, View(only=name)) for name in FILTERS} == {
        "with_drift": ["lost"],
        "unproven": ["late", "never"],
        "behind": ["old"],
    }


def test_ordering_anew_and_filtering_begin_at_the_first_page():
    view = View(sort="size", page=4, query="a")
    assert view.sorted_by("size") == View(sort="size", is_reversed=True, query="a")
    assert view.sorted_by("load") == View(sort="load", query="a")
    assert view.narrowed("behind") == View(sort="size", query="a", only="behind")
