"""A plain page with the mails of a development server, which sends none."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from crmtenant.api.web.headers import DOCUMENT_HEADERS

if TYPE_CHECKING:
    from crmtenant.services.mail.delivery import MailPreview

_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Mails</title>'
    '<meta name="viewport" content="width=device-width"><h1>Mails</h1>{body}</html>'
)
_NONE = "<p>No mails yet. Mails are shown here instead of being sent.</p>"


def includeme(config: Any) -> None:
    """Add the page."""
    config.add_route("dev_mail", "/dev/mail")
    config.add_view(dev_mail, route_name="dev_mail", request_method="GET", permission=NO_PERMISSION_REQUIRED)


def dev_mail(request: Any) -> Response:
    """Show the newest mails, the newest first."""
    found = request.registry.platform.mail_previews.newest()
    page = _PAGE.format(body="".join(map(_article, found)) or _NONE)
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), *DOCUMENT_HEADERS]
    return Response(body=page.encode(), headerlist=headers)


def _article(mail: MailPreview) -> str:
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
