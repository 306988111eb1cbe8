"""Sending mails through a mail server (RFC 5321), with TLS wherever it is offered."""

from __future__ import annotations

import smtplib
import ssl
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import structlog

from crmtenant.clock import now
from crmtenant.services.mail.delivery import MailDelivery, MailRefused
from crmtenant.settings import SHOWN

if TYPE_CHECKING:
    from crmtenant.models.catalog.tables import Mail
    from crmtenant.platform import Platform

#: For each step of the SMTP dialogue, during which a transaction of the catalog is open.
TIMEOUT_SECONDS = 8
_LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}
_PORTS = {"smtp": 587, "smtps": 465}

log = structlog.get_logger(__name__)


class MailServer:
    """The mail server of a URL such as smtp://user:password@mail.example:587.

    With `smtp`, STARTTLS comes before anything else, and sending fails where it is refused; only a server on this
    machine is used without.
    """

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    def send(self, mail: Mail) -> None:
        """Send the mail. Raises `MailRefused` if the server did not accept it."""
        try:
            with self._connected() as server:
                server.send_message(message_of(mail, self._sender))
        except (smtplib.SMTPException, MessageError, OSError, UnicodeError, ValueError) as problem:
            raise MailRefused(str(problem) or type(problem).__name__) from problem

    def _connected(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port or _PORTS[self._url.scheme]
        context = ssl.create_default_context()
        if self._url.scheme == "smtps":
            return self._log_in(smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context))
        return self._log_in(smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS), context)

    def _log_in(self, server: smtplib.SMTP, context: ssl.SSLContext | None = None) -> smtplib.SMTP:
        """Greet the server, switch to TLS if `context` is given, log in, and return the server."""
        try:
            server.ehlo()
            if context and not (self._url.hostname in _LOCAL_HOSTS and not self._url.username):
                server.starttls(context=context)
            if self._url.username:
                server.login(unquote(self._url.username), unquote(self._url.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """Return the mail as it is sent. Raises `ValueError` for an address that would break a header."""
    message = EmailMessage(policy=SMTP.clone(raise_on_defect=False))
    name, address = parseaddr(sender)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = Address(addr_spec=_ascii_domain(mail.recipient))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(now())
    # The same at each attempt, so that duplicates can be recognized.
    message["Message-ID"] = f"<{mail.id}.{mail.created_at:%Y%m%d%H%M%S}@{address.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    return message


def delivery_of(platform: Platform) -> MailDelivery | None:
    """Return what sends this installation's mails; None where mail is off."""
    url = platform.settings.mail_url
    if url is None:
        return None
    if url == SHOWN:
        return MailDelivery(platform.databases.catalog, _show, keeps_texts=True)
    return MailDelivery(platform.databases.catalog, MailServer(url, platform.settings.mail_from).send)


def _show(mail: Mail) -> None:
    log.info("mail", to=mail.recipient, subject=mail.subject, see="/dev/mail")


def _ascii_domain(address: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"
