"""HTML from values: everything is escaped but what was made here."""

from __future__ import annotations

from html import escape

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
