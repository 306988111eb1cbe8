"""The page of the fleet: figures, servers, what is being done, companies."""

from __future__ import annotations

from crmtenant.services.monitoring.fleet_state import Fleet, FleetServer, FleetWork
from crmtenant.services.tenants.company_jobs import KINDS
from crmtenant.worker.fleet_page.company_table import company_section
from crmtenant.worker.fleet_page.markup import Html, document, join, tag
from crmtenant.worker.fleet_page.view import FILTERS, View, select
from crmtenant.worker.fleet_page.words import Words, percent, size

_FULL, _NEARLY_FULL = 0.9, 0.75


def fleet_page(fleet: Fleet, words: Words, account: str, view: View) -> str:
    """Return the page. What has `data-live` is renewed by the page's script, where there is one."""
    main = tag(
        "main",
        _figures(fleet, view, words),
        tag(
            "section",
            tag("h2", words["servers"]),
            tag("div", *(_server(one, words) for one in fleet.servers), class_="servers"),
            data_live="servers",
        ),
        tag("section", tag("h2", words["work"]), _work(fleet, words), data_live="work"),
        company_section(select(fleet, view), fleet, view, words),
    )
    return document(words, join(_bar(fleet, words, account), main), has_script=True)


def _bar(fleet: Fleet, words: Words, account: str) -> Html:
    taken = words["taken"].format(moment=f"{fleet.taken_at:%H:%M:%S}")
    renewing = tag(
        "label",
        tag("input", type="checkbox", id="renewing", checked=""),
        words["renewing"],
        class_="renewing",
        hidden="",
    )
    return tag(
        "header",
        tag("h1", words["title"]),
        tag("span", taken, class_="quiet", data_live="taken"),
        renewing,
        tag(
            "form",
            tag("span", account, class_="account"),
            tag("button", words["sign_out"], type="submit"),
            method="post",
            action="/sign-out",
        ),
    )


def _figures(fleet: Fleet, view: View, words: Words) -> Html:
    return tag(
        "section",
        _figure(len(fleet.companies), words["companies"], view.narrowed(None).address, None),
        *(_filter_figure(name, fleet, view, words) for name in FILTERS),
        class_="figures",
        aria_label=words["overview"],
        data_live="figures",
    )


def _filter_figure(name: str, fleet: Fleet, view: View, words: Words) -> Html:
    count = sum(FILTERS[name](one, fleet) for one in fleet.companies)
    label = words[name].format(revision=fleet.revision)
    address = f"{view.narrowed(name).address}#companies"
    return _figure(count, label, address, "bad" if count else "good", is_chosen=view.only == name)


def _figure(count: int, label: str, address: str, look: str | None, *, is_chosen: bool = False) -> Html:
    return tag(
        "a",
        tag("b", count, class_=look),
        tag("span", label),
        href=address,
        aria_current="true" if is_chosen else None,
        class_="card figure",
    )


def _server(one: FleetServer, words: Words) -> Html:
    state, look = _server_state(one)
    share = one.used_share
    used = size(one.used_bytes, words)
    text = words["used"].format(used=used)
    if one.capacity_bytes:
        text = words["used_of"].format(used=used, capacity=size(one.capacity_bytes, words))
    counts = words["server_counts"].format(companies=one.companies, spares=one.spares)
    return tag(
        "article",
        tag("div", tag("b", one.name), tag("span", words[state], class_=f"tag {look}"), class_="row"),
        _meter(share, f"{one.name}: {text}") if share is not None else None,
        tag("p", text if one.is_reachable else "-", class_="quiet"),
        tag("p", counts, class_="quiet"),
        tag("p", words["server_load"].format(load=percent(one.load, words)), class_="quiet"),
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
    look = "bad" if share >= _FULL else "warn" if share >= _NEARLY_FULL else None
    return _progress(round(min(share, 1) * 100), label, look)


def _progress(percent_done: int, label: str, look: str | None = None) -> Html:
    return tag("progress", max="100", value=str(percent_done), class_=look, aria_label=label)


def _work(fleet: Fleet, words: Words) -> Html:
    if not fleet.work:
        return tag("p", words["no_work"], class_="quiet")
    return tag("ul", *(_work_line(one, fleet, words) for one in fleet.work), class_="card work")


def _work_line(one: FleetWork, fleet: Fleet, words: Words) -> Html:
    kind, step = words[f"work_{one.kind}"], _step(one, words)
    since = (
        f"{one.since:%H:%M}" if one.since.date() == fleet.taken_at.date() else f"{one.since:%Y-%m-%d %H:%M}"
    )
    label = f"{one.company or ''} {kind}".strip()
    return tag(
        "li",
        tag("b", one.company or "-"),
        tag("span", kind, f" · {step}" if step else ""),
        tag("span") if one.progress is None else _progress(one.progress, label),
        tag("span", "" if one.progress is None else f"{one.progress} %", class_="number"),
        tag("span", words["since"].format(moment=since), class_="quiet"),
    )


def _step(one: FleetWork, words: Words) -> str:
    if one.kind == "command":
        return one.step or ""
    if one.step:
        return words[f"step_{one.step}"]
    return words["waiting"] if one.kind in KINDS else ""
