"""The two pages: signing in, and the fleet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from crmtenant.services.fleet.survey import Fleet, FleetCompany, FleetServer, FleetWork
from crmtenant.worker.fleet_page.markup import Html, join, tag
from crmtenant.worker.fleet_page.words import Words

REFRESH_SECONDS = 15
MOST_ROWS = 200
#: A nightly backup, and two hours for making and proving it.
PROVEN_WITHIN = timedelta(hours=26)
_UNITS, _STEP = ("B", "kB", "MB", "GB", "TB"), 1000
_FULL, _NEARLY_FULL = 0.9, 0.75

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
_NUMBERS = frozenset({"size", "users", "load"})


def sign_in_page(words: Words, *, problem: str | None = None, name: str = "") -> str:
    """Return the form, with what was wrong."""
    form = tag(
        "form",
        tag("h1", words["title"]),
        tag("p", words["sign_in_text"], class_="quiet"),
        tag("p", words[problem], class_="problem", role="alert") if problem else None,
        tag("label", words["name"], for_="name"),
        tag("input", id="name", name="name", value=name, autocomplete="username", required="", autofocus=""),
        tag("label", words["password"], for_="password"),
        tag(
            "input",
            id="password",
            name="password",
            type="password",
            autocomplete="current-password",
            required="",
        ),
        tag("button", words["sign_in"], type="submit", class_="primary"),
        method="post",
        action="/sign-in",
        class_="card sign-in",
    )
    return _document(words, tag("main", form, class_="narrow"))


def fleet_page(fleet: Fleet, words: Words, account: str, *, sort: str, is_reversed: bool, query: str) -> str:
    """Return the fleet, its companies in this order and narrowed to those whose name has the query in it."""
    wanted = query.casefold()
    found = [one for one in fleet.companies if wanted in f"{one.slug} {one.name}".casefold()]
    found.sort(key=COLUMNS[sort], reverse=is_reversed)
    main = tag(
        "main",
        _figures(fleet, words),
        _section(
            words["servers"], tag("div", *(_server(one, words) for one in fleet.servers), class_="servers")
        ),
        _section(words["work"], _work(fleet, words)),
        _section(
            words["companies"],
            _search(words, query, sort, is_reversed, len(found), len(fleet.companies)),
            _companies(found[:MOST_ROWS], fleet, words, sort, is_reversed, query),
        ),
    )
    return _document(words, join(_bar(fleet, words, account), main), refresh=True)


def _document(words: Words, body: Html, *, refresh: bool = False) -> str:
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="refresh", content=str(REFRESH_SECONDS)) if refresh else None,
        tag("title", f"{words['title']} · crmtenant"),
        tag("link", rel="icon", href="/icon.svg"),
        tag("link", rel="stylesheet", href="/fleet.css"),
    )
    return "<!doctype html>" + tag("html", head, tag("body", body), lang=words["language"])


def _bar(fleet: Fleet, words: Words, account: str) -> Html:
    taken = words["taken"].format(moment=f"{fleet.taken_at:%H:%M:%S}", seconds=REFRESH_SECONDS)
    return tag(
        "header",
        tag("h1", words["title"]),
        tag("span", taken, class_="quiet"),
        tag(
            "form",
            tag("span", account, class_="account"),
            tag("button", words["sign_out"], type="submit"),
            method="post",
            action="/sign-out",
        ),
    )


def _figures(fleet: Fleet, words: Words) -> Html:
    served = [one for one in fleet.companies if one.state == "active"]
    late = [one for one in served if one.proven_at is None or fleet.taken_at - one.proven_at > PROVEN_WITHIN]
    behind = [one for one in served if one.schema_revision != fleet.revision]
    drifted = [one for one in fleet.companies if one.drift not in {None, "behind"}]
    return tag(
        "section",
        _figure(len(fleet.companies), words["companies"], is_bad=False),
        _figure(len(drifted), words["with_drift"]),
        _figure(len(late), words["unproven"]),
        _figure(len(behind), words["behind"].format(revision=fleet.revision)),
        class_="figures",
    )


def _figure(count: int, label: str, *, is_bad: bool = True) -> Html:
    look = "bad" if is_bad and count else "good" if is_bad else None
    return tag("div", tag("b", count, class_=look), tag("span", label), class_="card figure")


def _section(title: str, *children: Html | None) -> Html:
    return tag("section", tag("h2", title), *children)


def _server(one: FleetServer, words: Words) -> Html:
    state, look = _server_state(one)
    share = one.used_share
    used = size(one.used_bytes)
    text = words["used"].format(used=used)
    if one.capacity_bytes:
        text = words["used_of"].format(used=used, capacity=size(one.capacity_bytes))
    return tag(
        "article",
        tag("div", tag("b", one.name), tag("span", words[state], class_=f"tag {look}"), class_="row"),
        _meter(share, text) if share is not None else None,
        tag("p", text if one.is_reachable else "-", class_="quiet"),
        tag("p", words["server_counts"].format(companies=one.companies, spares=one.spares), class_="quiet"),
        class_="card server",
    )


def _server_state(one: FleetServer) -> tuple[str, str]:
    if not one.is_reachable:
        return "unreachable", "tag-bad"
    if one.is_draining:
        return "draining", "tag-warn"
    if one.has_room:
        return "has_room", "tag-ok"
    return ("full", "tag-bad") if one.weight else ("takes_none", "tag-plain")


def _meter(share: float, label: str) -> Html:
    look = "bad" if share >= _FULL else "warn" if share >= _NEARLY_FULL else ""
    return tag(
        "progress", max="100", value=str(round(min(share, 1) * 100)), class_=look or None, aria_label=label
    )


def _work(fleet: Fleet, words: Words) -> Html:
    if not fleet.work:
        return tag("p", words["no_work"], class_="quiet")
    return tag("ul", *(_work_line(one, words) for one in fleet.work), class_="card work")


def _work_line(one: FleetWork, words: Words) -> Html:
    is_job = one.progress is not None
    step = words[f"step_{one.step}"] if one.step else words["waiting"] if is_job else ""
    label = f"{one.company}: {words[f'work_{one.kind}']}"
    return tag(
        "li",
        tag("b", one.company),
        tag("span", words[f"work_{one.kind}"], f" · {step}" if step else ""),
        tag("progress", max="100", value=str(one.progress), aria_label=label) if is_job else tag("span"),
        tag("span", words["since"].format(moment=f"{one.since:%H:%M}"), class_="quiet"),
    )


def _search(words: Words, query: str, sort: str, is_reversed: bool, shown: int, total: int) -> Html:
    return tag(
        "form",
        tag(
            "input",
            type="search",
            name="q",
            value=query,
            placeholder=words["search"],
            aria_label=words["search"],
        ),
        tag("input", type="hidden", name="sort", value=_spelled(sort, is_reversed)),
        tag("span", words["found"].format(shown=min(shown, MOST_ROWS), total=total), class_="quiet"),
        method="get",
        action="/",
        class_="search",
    )


def _companies(
    found: list[FleetCompany], fleet: Fleet, words: Words, sort: str, is_reversed: bool, query: str
) -> Html:
    head = tag("tr", *(_heading(name, words, sort, is_reversed, query) for name in COLUMNS))
    rows = (tag("tr", *_cells(one, fleet, words)) for one in found)
    return tag("div", tag("table", tag("thead", head), tag("tbody", *rows)), class_="card table")


def _heading(name: str, words: Words, sort: str, is_reversed: bool, query: str) -> Html:
    is_sorted = name == sort
    address = "/?" + urlencode(
        {"sort": _spelled(name, is_sorted and not is_reversed), **({"q": query} if query else {})}
    )
    arrow = ("↓" if is_reversed else "↑") if is_sorted else ""
    link = tag(
        "a",
        words[name],
        tag("span", arrow, aria_hidden="true"),
        href=address,
        title=words["sort_by"].format(column=words[name]),
    )
    order = ("descending" if is_reversed else "ascending") if is_sorted else None
    return tag("th", link, scope="col", aria_sort=order, class_="number" if name in _NUMBERS else None)


def _cells(one: FleetCompany, fleet: Fleet, words: Words) -> list[Html]:
    is_late = one.state == "active" and (
        one.proven_at is None or fleet.taken_at - one.proven_at > PROVEN_WITHIN
    )
    is_behind = one.schema_revision != fleet.revision
    texts: dict[str, Html | str] = {
        "slug": join(tag("b", one.slug), tag("span", one.name, class_="quiet")),
        "state": tag(
            "span",
            words[f"state_{one.state}"],
            class_=f"tag {'tag-ok' if one.state == 'active' else 'tag-warn'}",
        ),
        "server": one.server,
        "size": size(one.size_bytes),
        "users": str(one.users),
        "revision": tag("span", one.schema_revision or "-", class_="bad" if is_behind else None),
        "drift": tag("span", words[f"drift_{one.drift}"], class_="tag tag-bad") if one.drift else "-",
        "proven": tag("span", moment(one.proven_at) or words["never"], class_="bad" if is_late else None),
        "last_used": moment(one.used_at) or words["never"],
        "load": "-" if one.load is None else f"{one.load:.2f}",
    }
    return [
        tag("td", texts[name], data_label=words[name], class_="number" if name in _NUMBERS else None)
        for name in COLUMNS
    ]


def _spelled(sort: str, is_reversed: bool) -> str:
    return f"-{sort}" if is_reversed else sort


def moment(value: datetime | None) -> str:
    """Return the moment to the minute, UTC; nothing for none."""
    return f"{value:%Y-%m-%d %H:%M}" if value else ""


def size(count: int | None) -> str:
    """Return bytes with three digits, such as `8.93 MB`."""
    if count is None:
        return "-"
    number, unit = float(count), 0
    while number >= _STEP and unit < len(_UNITS) - 1:
        number, unit = number / _STEP, unit + 1
    return f"{number:.3g} {_UNITS[unit]}"
