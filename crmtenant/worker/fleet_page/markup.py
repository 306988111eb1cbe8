"""HTML from values: everything is escaped but what was made here."""

from __future__ import annotations

from html import escape

from crmtenant.worker.fleet_page.words import Words

_VOID = frozenset({"input", "link", "meta"})


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


Child = Html | str | int | None


def tag(element: str, /, *children: Child, **attributes: str | None) -> Html:
    """Return an element. `class_` is the class; `_` in other names of attributes is `-`; None leaves one out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value, quote=True)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Html(f"<{element}{given}>")
    return Html(f"<{element}{given}>{join(*children)}</{element}>")


def join(*children: Child) -> Html:
    """Return the children one after the other."""
    return Html("".join(_text(child) for child in children))


def _text(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Html) else escape(str(child))


def document(words: Words, body: Html, *, has_script: bool = False) -> str:
    """Return a whole page. It loads nothing from elsewhere."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{words['title']} · crmtenant"),
        tag("link", rel="icon", href="/icon.svg"),
        tag("link", rel="stylesheet", href="/fleet.css"),
        tag("script", src="/fleet.js", defer="") if has_script else None,
    )
    return "<!doctype html>" + tag("html", head, tag("body", body), lang=words["language"])
