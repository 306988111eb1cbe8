"""The list of companies: searching, narrowing, ordering, paging."""

from __future__ import annotations

from datetime import datetime

from crmtenant.services.monitoring.fleet_state import Fleet, FleetCompany
from crmtenant.worker.fleet_page.markup import Html, join, tag
from crmtenant.worker.fleet_page.view import COLUMNS, FILTERS, Shown, View
from crmtenant.worker.fleet_page.words import Words, percent, size

_NUMBERS = frozenset({"size", "users", "load"})


def company_section(shown: Shown, fleet: Fleet, view: View, words: Words) -> Html:
    """Return the section with the list of companies."""
    return tag(
        "section",
        tag("h2", words["companies"]),
        _search(shown, fleet, view, words),
        _table(shown, fleet, view, words) if shown.rows else tag("p", words["none"], class_="quiet"),
        _pages(shown, view, words) if shown.pages > 1 else None,
        id="companies",
    )


def _search(shown: Shown, fleet: Fleet, view: View, words: Words) -> Html:
    order = f"-{view.sort}" if view.is_reversed else view.sort
    kept = {"sort": order if order != "slug" else None, "only": view.only}
    return tag(
        "form",
        tag(
            "input",
            type="search",
            name="q",
            value=view.query,
            placeholder=words["search"],
            aria_label=words["search"],
            maxlength="100",
        ),
        *(tag("input", type="hidden", name=name, value=value) for name, value in kept.items() if value),
        _filter(view, words, fleet) if view.only else None,
        tag("span", words["found"].format(shown=shown.found, total=len(fleet.companies)), class_="quiet"),
        method="get",
        action="/",
        role="search",
        class_="search",
    )


def _filter(view: View, words: Words, fleet: Fleet) -> Html:
    label = words[view.only or ""].format(revision=fleet.revision)
    return tag(
        "a",
        label,
        tag("span", "×", aria_hidden="true"),
        href=view.narrowed(None).address,
        aria_label=words["without_filter"].format(filter=label),
        class_="chip",
    )


def _table(shown: Shown, fleet: Fleet, view: View, words: Words) -> Html:
    head = tag("tr", *(_heading(name, view, words) for name in COLUMNS))
    rows = (tag("tr", *_cells(one, fleet, words)) for one in shown.rows)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="card table")


def _heading(name: str, view: View, words: Words) -> Html:
    is_sorted = name == view.sort
    arrow = "↓" if view.is_reversed else "↑"
    link = tag(
        "a",
        words[name],
        tag("span", arrow, aria_hidden="true") if is_sorted else None,
        href=view.sorted_by(name).address,
        title=words["sort_by"].format(column=words[name]),
    )
    order = ("descending" if view.is_reversed else "ascending") if is_sorted else None
    return tag("th", link, scope="col", aria_sort=order, class_="number" if name in _NUMBERS else None)


def _cells(one: FleetCompany, fleet: Fleet, words: Words) -> list[Html]:
    is_behind = FILTERS["behind"](one, fleet)
    state_look = "tag-ok" if one.state == "active" else "tag-warn"
    texts: dict[str, Html | str] = {
        "slug": join(tag("b", one.slug), tag("span", one.name, class_="quiet", title=one.name)),
        "state": tag("span", words[f"state_{one.state}"], class_=f"tag {state_look}"),
        "server": one.server,
        "size": size(one.size_bytes, words),
        "users": str(one.users),
        "revision": tag("span", one.schema_revision or "-", class_="bad" if is_behind else None),
        "drift": tag("span", words[f"drift_{one.drift}"], class_="tag tag-bad") if one.drift else "-",
        "proven": _moment(one.proven_at, words, is_bad=one.is_unproven(fleet.taken_at)),
        "last_used": _moment(one.used_at, words),
        "load": _load(one, words),
    }
    return [
        tag("td", texts[name], data_label=words[name], class_="number" if name in _NUMBERS else None)
        for name in COLUMNS
    ]


def _moment(value: datetime | None, words: Words, *, is_bad: bool = False) -> Html:
    text = f"{value:%Y-%m-%d %H:%M}" if value else words["never"]
    return tag("span", text, class_="bad" if is_bad else None)


def _load(one: FleetCompany, words: Words) -> Html | str:
    if one.load is None:
        return "-"
    counts = words["requests"].format(requests=one.requests, errors=one.errors)
    return tag("span", percent(one.load, words), title=counts, class_="bad" if one.errors else None)


def _pages(shown: Shown, view: View, words: Words) -> Html:
    return tag(
        "nav",
        _page_link(view, shown.page - 1, words["previous"], "prev") if shown.page > 1 else None,
        tag("span", words["page"].format(page=shown.page, pages=shown.pages), class_="quiet"),
        _page_link(view, shown.page + 1, words["next"], "next") if shown.page < shown.pages else None,
        aria_label=words["pages"],
        class_="pages",
    )


def _page_link(view: View, page: int, label: str, relation: str) -> Html:
    return tag("a", label, href=f"{view.at(page).address}#companies", rel=relation, class_="button")
