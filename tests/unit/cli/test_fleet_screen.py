"""The fleet on a terminal of any size."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from crmtenant.cli.fleet_screen import SORTS, _seen, screen
from crmtenant.errors import Unavailable
from tests.unit.worker.fleet_page.fleets import SERVER, WORK, company, fleet, many


def lines_of(shown, width=160, height=30):
    console = Console(file=StringIO(), width=width, height=height, color_system=None)
    console.print(shown)
    return console.file.getvalue().splitlines()


@pytest.mark.parametrize("width", [60, 80, 160, 250])
@pytest.mark.parametrize("height", [24, 50])
def test_it_fits_whatever_there_is(width, height):
    found = fleet(*many(3000).companies, servers=[SERVER] * 3, work=[WORK] * 5)
    lines = lines_of(screen(found, "company", height), width, height)
    assert len(lines) <= height
    assert lines[0].startswith("3000 companies, the first ")


def test_what_is_unlike_comes_first_where_it_is_ordered_by_that():
    found = fleet(
        company("a", load=1.0), company("b", drift="missing"), company("c", errors=4, proven_at=None)
    )
    first = {sort: sorted(found.companies, key=SORTS[sort])[0].slug for sort in SORTS}
    assert first == {"company": "a", "size": "a", "drift": "b", "backup": "c", "load": "a", "errors": "c"}
    text = "\n".join(lines_of(screen(found, "drift", 30)))
    assert "1 with drift · 1 unproven" in text
    assert text.index("missing") < text.index("100.00 %")


def test_a_name_is_no_markup():
    assert any(
        "[red]x[/red]" in line for line in lines_of(screen(fleet(company("[red]x[/red]")), "company", 30))
    )


def test_without_a_catalog_it_says_so_and_goes_on():
    def look():
        raise Unavailable("The catalog cannot be reached.")

    assert lines_of(_seen(look, "company", 30))[0].startswith("The catalog cannot be reached.")
