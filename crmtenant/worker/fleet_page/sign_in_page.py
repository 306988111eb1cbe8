"""The form to sign in with."""

from __future__ import annotations

from crmtenant.worker.fleet_page.markup import document, tag
from crmtenant.worker.fleet_page.words import Words


def sign_in_page(words: Words, *, problem: str | None = None, name: str = "") -> str:
    """Return the form, with what was wrong."""
    form = tag(
        "form",
        tag("h1", words["title"]),
        tag("p", words["sign_in_text"], class_="quiet"),
        tag("p", words[problem], class_="problem", role="alert") if problem else None,
        tag("label", words["name"], for_="name"),
        tag(
            "input",
            id="name",
            name="name",
            value=name,
            autocomplete="username",
            autocapitalize="none",
            spellcheck="false",
            required="",
            autofocus=None if name else "",
        ),
        tag("label", words["password"], for_="password"),
        tag(
            "input",
            id="password",
            name="password",
            type="password",
            autocomplete="current-password",
            required="",
            autofocus="" if name else None,
        ),
        tag("button", words["sign_in"], type="submit", class_="primary"),
        method="post",
        action="/sign-in",
        class_="card sign-in",
    )
    return document(words, tag("main", form, class_="narrow"))
