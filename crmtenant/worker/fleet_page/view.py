"""Which of the companies a request asks for, and the addresses of the others: all of it stands in the query string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from crmtenant.services.monitoring.fleet_state import Fleet, FleetCompany

PAGE_ROWS = 100
MOST_LETTERS = 100

Key = Callable[[FleetCompany], Any]
COLUMNS: Mapping[str, Key] = {
    "slug": lambda one: one.slug,
    "state": lambda one: one.state,
    "server": lambda one: one.server,
    "size": lambda one: one.size_bytes or 0,
    "users": lambda one: one.users,
    "revision": lambda one: one.schema_revision or "",
    "drift": lambda one: one.drift or "",
    "proven": lambda one: one.proven_at.timestamp() if one.proven_at else 0.0,
    "last_used": lambda one: one.used_at.timestamp() if one.used_at else 0.0,
    "load": lambda one: one.load or 0.0,
}
#: What is counted at the top, and narrows the list to what it counts.
FILTERS: Mapping[str, Callable[[FleetCompany, Fleet], bool]] = {
    "with_drift": lambda one, _: one.drift not in {None, "behind"},
    "unproven": lambda one, fleet: one.is_unproven(fleet.taken_at),
    "behind": lambda one, fleet: one.state == "active" and one.schema_revision != fleet.revision,
}


@dataclass(frozen=True, slots=True)
class View:
    """Order, words looked for, filter and page, counted from 1."""

    sort: str = "slug"
    is_reversed: bool = False
    query: str = ""
    only: str | None = None
    page: int = 1

    @property
    def address(self) -> str:
        """Where the view is; what is as it is at first is left out."""
        order = f"-{self.sort}" if self.is_reversed else self.sort
        given = {"sort": order if order != "slug" else "", "q": self.query, "only": self.only or ""}
        page = str(self.page) if self.page > 1 else ""
        found = urlencode({name: value for name, value in {**given, "page": page}.items() if value})
        return f"/?{found}" if found else "/"

    def sorted_by(self, column: str) -> View:
        """Return the view by this column; the other way round if it is by that already."""
        return replace(self, sort=column, is_reversed=column == self.sort and not self.is_reversed, page=1)

    def narrowed(self, only: str | None) -> View:
        """Return the view with this filter, or with none."""
        return replace(self, only=only, page=1)

    def at(self, page: int) -> View:
        """Return another page of it."""
        return replace(self, page=page)


@dataclass(frozen=True, slots=True)
class Shown:
    """The companies on one page of those that were found."""

    rows: list[FleetCompany]
    page: int
    pages: int
    found: int


def read_view(query_string: str) -> View:
    """Return what the query string asks for; what it says wrongly is as it is at first."""
    given = dict(parse_qsl(query_string, errors="replace", max_num_fields=None))
    order, only, page = given.get("sort", ""), given.get("only"), given.get("page", "")
    name = order.removeprefix("-")
    is_known = name in COLUMNS
    return View(
        sort=name if is_known else "slug",
        is_reversed=is_known and order.startswith("-"),
        query=given.get("q", "").strip()[:MOST_LETTERS],
        only=only if only in FILTERS else None,
        page=int(page) if page.isascii() and page.isdecimal() and len(page) <= 6 and int(page) else 1,
    )


def select(fleet: Fleet, view: View) -> Shown:
    """Return what the view shows; beyond the last page, the last one."""
    wanted = view.query.casefold()
    found = [
        one
        for one in fleet.companies
        if wanted in f"{one.slug} {one.name} {one.server}".casefold()
        and (view.only is None or FILTERS[view.only](one, fleet))
    ]
    found.sort(key=COLUMNS[view.sort], reverse=view.is_reversed)
    pages = max(1, -(-len(found) // PAGE_ROWS))
    page = min(view.page, pages)
    return Shown(found[(page - 1) * PAGE_ROWS : page * PAGE_ROWS], page, pages, len(found))
