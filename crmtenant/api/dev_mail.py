"""The mails of a development server, which sends none: a plain page for whoever develops."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from crmtenant.api.web.headers import DOCUMENT_HEADERS
from crmtenant.services.mail import outbox

if TYPE_CHECKING:
    from crmtenant.services.mail.outbox import Shown

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails</title>'
    '<meta name="viewport" content="width=device-width"><h1>Mails</h1>{body}</html>'
)
_NONE = "<p>Nothing was sent yet. Mails are shown here instead of being sent.</p>"


def includeme(config: Any) -> None:
    """Nothing comes back; the page is there."""
    config.add_route("dev_mail", "/dev/mail")
    config.add_view(dev_mail, route_name="dev_mail", request_method="GET", permission=NO_PERMISSION_REQUIRED)


def dev_mail(request: Any) -> Response:
    """The newest mails, the newest first."""
    found = outbox.newest(request.registry.platform.catalog)
    page = _PAGE.format(body="".join(map(_article, found)) or _NONE)
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *DOCUMENT_HEADERS]
    return Response(body=page.encode(), headerlist=headers)


def _article(mail: Shown) -> str:
    state = "sent" if mail.sent_at else "waiting"
    return (
        f"<article><h2>{escape(mail.subject)}</h2><p>To {escape(mail.recipient)},"
        f" {mail.created_at:%Y-%m-%d %H:%M} UTC, {state}</p><pre>{_linked(mail.text)}</pre></article>"
    )


def _linked(text: str) -> str:
    return "\n".join(
        f'<a href="{escape(line)}">{escape(line)}</a>'
        if line.startswith(("http://", "https://"))
        else escape(line)
        for line in text.splitlines()
    )
