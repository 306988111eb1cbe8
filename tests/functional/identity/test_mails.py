"""Mails: written with what gives the reason for them, sent once by real SMTP, put off when that fails."""

from __future__ import annotations

import dataclasses
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import delete, select, update

from crmtenant.clock import now
from crmtenant.db.embedded.open_server import Server as OpenServer
from crmtenant.models.catalog.tables import Mail, Tenant
from crmtenant.platform import Platform
from crmtenant.services.mail.delivery import MAX_ATTEMPTS, MailDelivery, MailRefused
from crmtenant.services.mail.templates import MailMessage
from crmtenant.worker import Worker
from crmtenant.worker.smtp import MailServer, message_of
from tests.functional.identity.people import PASSWORD, Client
from tests.nouns import NOUNS

FIRST, SECOND = "first@example.com", "second@example.com"
SENDER = "Crm <crm@crm.example>"


class Handler:
    """Keeps what it is sent."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.answer = "250 taken"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer.startswith("250"):
            message = message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.received.append(message)
        return self.answer


@pytest.fixture
def post() -> Iterator[tuple[str, Handler]]:
    """A real mail server, and what it received."""
    handler = Handler()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield f"smtp://127.0.0.1:{port}", handler
    controller.stop()


@pytest.fixture(autouse=True)
def no_mails(platform: Platform) -> None:
    with platform.databases.catalog.begin() as session:
        session.execute(delete(Mail))


def _outbox(platform: Platform, url: str) -> MailDelivery:
    return MailDelivery(platform.databases.catalog, MailServer(url, SENDER).send)


def _put(platform: Platform, recipient: str = "ada@example.com", **values: Any) -> None:
    with platform.databases.catalog.begin() as session:
        platform.mail.put(session, MailMessage("test", "Größe", "Grüße\n"), recipient, **values)


def _mails(platform: Platform) -> list[Mail]:
    with platform.databases.catalog.begin() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def test_an_invitation_is_sent_with_the_link_that_takes_it_up(
    platform: Platform, newcomer: Callable[..., Client], post: tuple[str, Handler]
) -> None:
    url, handler = post
    owner = newcomer()
    company = owner.register(language="de").json["company"]["id"]
    # An address of its own: one that others invite too may have been invited enough for a day.
    email = f"ben-{secrets.token_hex(4)}@example.com"
    token = owner.call("POST", "/api/members", {"email": email, "role": "member"}).json["invitation_token"]
    assert _outbox(platform, url).send_due() == 1
    (mail,) = handler.received
    assert mail["To"] == email
    assert mail["From"] == SENDER
    assert mail["Subject"] == "Anna Berg lädt Sie zu Northwind ein"
    assert mail["Auto-Submitted"] == "auto-generated"
    text = mail.get_content()
    assert f"{platform.settings.public_url}/join#token={token}" in text
    assert "als Mitglied" in text
    (kept,) = _mails(platform)
    assert (kept.tenant_id, kept.text, kept.problem) == (company, "", None)
    assert kept.sent_at is not None
    assert _outbox(platform, url).send_due() == 0


def test_who_changes_their_password_hears_of_it(platform: Platform, newcomer: Callable[..., Client]) -> None:
    person = newcomer()
    person.register()
    changed = {"current_password": PASSWORD, "new_password": "five blue tractors"}
    assert person.call("POST", "/api/profile/password", changed).status_int == 201
    (mail,) = _mails(platform)
    assert mail.kind == "password_changed"
    assert "five blue" not in mail.text


def test_what_is_refused_is_put_off_longer_each_time_and_given_up_at_last(
    platform: Platform, post: tuple[str, Handler]
) -> None:
    url, handler = post
    handler.answer = "451 later"
    _put(platform)
    pauses = []
    for _ in range(MAX_ATTEMPTS):
        assert _outbox(platform, url).send_due() == 0
        (mail,) = _mails(platform)
        pauses.append(mail.due_at - now())
        with platform.databases.catalog.begin() as session:
            session.execute(update(Mail).values(due_at=now()))
    assert pauses == sorted(pauses)
    assert "451" in str(mail.problem)
    handler.answer = "250 taken"
    assert _outbox(platform, url).send_due() == 0
    assert handler.received == []


def test_a_mail_server_that_is_away_is_tried_again(platform: Platform) -> None:
    _put(platform)
    assert _outbox(platform, "smtp://127.0.0.1:1").send_due() == 0
    (mail,) = _mails(platform)
    assert "refused" in str(mail.problem)


def test_a_bad_recipient_stops_nobody_else(platform: Platform, post: tuple[str, Handler]) -> None:
    url, handler = post
    _put(platform, "ada@example.com\r\nBcc: eve@example.com")
    _put(platform, "ada@bücher.example")
    assert _outbox(platform, url).send_due() == 1
    assert [mail["To"] for mail in handler.received] == ["ada@xn--bcher-kva.example"]
    assert [mail.sent_at is None for mail in _mails(platform)] == [True, False]


def test_a_subject_cannot_become_a_header() -> None:
    mail = Mail(
        id=1, recipient="a@example.com", created_at=now(), subject="Hi\r\nBcc: eve@example.com", text="x"
    )
    with pytest.raises(ValueError, match=r"newline|linefeed"):
        message_of(mail, SENDER)


def test_several_workers_send_each_mail_once(platform: Platform, post: tuple[str, Handler]) -> None:
    url, handler = post
    for number in range(12):
        _put(platform, f"p{number}@example.com")
    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(lambda _: _outbox(platform, url).send_due(), range(4)))
    assert sent == 12
    assert sorted(mail["To"] for mail in handler.received) == sorted(f"p{n}@example.com" for n in range(12))


@pytest.mark.parametrize("values", [{"is_neutral": True}, {"state": "suspended"}])
def test_a_neutral_or_closed_company_sends_nothing(
    platform: Platform, newcomer: Callable[..., Client], post: tuple[str, Handler], values: dict[str, Any]
) -> None:
    url, handler = post
    person = newcomer()
    company = person.register().json["company"]["id"]
    _put(platform, tenant_id=company)
    with platform.databases.catalog.begin() as session:
        session.execute(update(Tenant).where(Tenant.id == company).values(values))
    assert _outbox(platform, url).send_due() == 0
    assert handler.received == []


def test_a_reason_that_is_rolled_back_sends_nothing(platform: Platform) -> None:
    with platform.databases.catalog.begin() as session:
        platform.mail.put(session, MailMessage("test", "a", "b"), "ada@example.com")
        session.rollback()
    assert _mails(platform) == []


def test_a_worker_sends_as_soon_as_a_mail_is_written(platform: Platform, post: tuple[str, Handler]) -> None:
    url, handler = post
    settings = dataclasses.replace(platform.settings, mail_url=url, mail_from=SENDER, spares=0)
    own = Platform(settings, OpenServer(platform._server.address, lambda: None))
    worker = Worker(own, NOUNS)
    worker.start()
    try:
        done = threading.Event()
        _put(platform, FIRST)
        for _ in range(200):
            if any(mail["To"] == FIRST for mail in handler.received):
                break
            done.wait(0.05)
        _put(platform, SECOND)
        for _ in range(60):
            if any(mail["To"] == SECOND for mail in handler.received):
                break
            done.wait(0.05)
    finally:
        worker.stop()
        own.close()
    addresses = [mail["To"] for mail in handler.received]
    assert [one for one in addresses if one in {FIRST, SECOND}] == [FIRST, SECOND]


def test_a_development_server_shows_them_and_lets_nothing_run(platform: Platform, client: Client) -> None:
    letter = MailMessage("test", "<b>Hi</b>", "<script>alert(1)</script>\nhttps://crm.example/join#token=x")
    with platform.databases.catalog.begin() as session:
        platform.mail.put(session, letter, "ada@example.com")
    page = client.call("GET", "/dev/mail")
    assert page.status_int == 200
    assert "<script>" not in page.text
    assert "<b>" not in page.text
    assert '<a href="https://crm.example/join#token=x">' in page.text
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]


def test_elsewhere_there_is_no_such_page(platforms: Callable[..., Platform]) -> None:
    page = Client(platforms(mail_url=None)).call("GET", "/dev/mail")
    assert "ada@example.com" not in page.text
    assert "Mails are shown here" not in page.text


def test_where_no_mails_are_sent_none_are_written(platforms: Callable[..., Platform]) -> None:
    silent = platforms(mail_url=None)
    _put(silent)
    assert _mails(silent) == []


def test_sent_mails_go_after_a_month(platform: Platform) -> None:
    _put(platform)
    outbox = MailDelivery(platform.databases.catalog, lambda _: None)
    outbox.sweep()
    assert len(_mails(platform)) == 1
    with platform.databases.catalog.begin() as session:
        session.execute(update(Mail).values(created_at=now().replace(year=2020)))
    outbox.sweep()
    assert _mails(platform) == []


def test_a_server_that_asks_for_a_password_must_offer_tls(post: tuple[str, Handler]) -> None:
    url, _ = post
    server = MailServer(url.replace("//", "//crm:secret@"), SENDER)
    with pytest.raises(MailRefused, match="STARTTLS"):
        server.send(Mail(id=1, recipient="a@example.com", created_at=now(), subject="x", text="y"))
