"""Files that are cheap to send and would be dear to read are refused with a reason; whoever leaves is not worked for."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from crmtenant.formats import effort
from tests.functional.installation import Client
from tests.functional.transfer.contact_sending import CARD, form, names, send

SHORT_LINES = 160_000


def _refusal(answer: Any) -> tuple[int, str]:
    return answer.status_int, answer.json["code"]


@pytest.mark.parametrize("view", ["import", "preview"])
@pytest.mark.parametrize(
    ("content", "content_type", "refusal"),
    [
        (b"Name\nAnna\n" + b"\n" * 400_000, "text/csv", (413, "empty_lines")),
        (b"Name;Email\nAnna;\n" + b";\n" * 400_000, "text/csv", (413, "empty_lines")),
        (b"Name\n" + b"a\n" * 400_000, "text/csv", (413, "too_large")),
        (b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:" + b"=\n" * SHORT_LINES, "text/vcard", (413, "empty_lines")),
        (b"x\n" * SHORT_LINES, "text/vcard", (413, "empty_lines")),
        (b'[{"tags":[' + b"1," * 400_000 + b"1]}]", "application/json", (400, "invalid_json")),
        (b"{" + b'"a":1,' * 400_000 + b"}", "application/json", (400, "invalid_json")),
        (b"[" * 400_000, "application/json", (400, "invalid_json")),
    ],
)
def test_a_file_with_hardly_anything_in_it(
    owner: Client, view: str, content: bytes, content_type: str, refusal: tuple[int, str]
) -> None:
    answer = owner.raw("POST", f"/api/contacts/{view}", content, {"Content-Type": content_type})
    assert _refusal(answer) == refusal
    assert answer.json["detail"]


def test_a_form_with_such_a_file(owner: Client) -> None:
    body, content_type = form(('name="file"; filename="x.csv"', b"Name\n" + b"a\n" * 400_000))
    assert _refusal(send(owner, body, content_type)) == (413, "too_large")


@pytest.mark.parametrize("path", ["/api/contacts", "/api/contacts/bulk"])
def test_a_body_with_very_many_values(owner: Client, path: str) -> None:
    answer = owner.raw(
        "POST", path, b'{"tags":[' + b"1," * 200_000 + b"1]}", {"Content-Type": "application/json"}
    )
    assert _refusal(answer) == (413, "too_many_values")


@pytest.mark.parametrize("view", ["import", "preview"])
def test_a_file_that_takes_too_long(owner: Client, monkeypatch: pytest.MonkeyPatch, view: str) -> None:
    monkeypatch.setattr(effort, "SECONDS", -1.0)
    monkeypatch.setattr(effort, "SECONDS_PER_ROW", 0.0)
    answer = owner.raw("POST", f"/api/contacts/{view}", CARD.encode(), {"Content-Type": "text/vcard"})
    assert _refusal(answer) == (413, "too_costly")


def _leaving(owner: Client, path: str, asked: int, body: bytes = b"", content_type: str = "") -> Any:
    """The answer to a client that leaves when it was asked so often whether it is still there."""
    count = itertools.count()
    headers = {**owner._headers(None), "Content-Type": content_type}
    request = owner.app.RequestClass.blank(
        path, method="POST" if body else "GET", headers=headers, body=body or None
    )
    request.environ["waitress.client_disconnected"] = lambda: next(count) >= asked
    return owner.app.do_request(request, status="*", expect_errors=True)


def test_an_import_whose_client_has_left_stops_and_leaves_nothing(owner: Client) -> None:
    before = names(owner)
    file = "Name\n" + "".join(f"Leaver {number}\n" for number in range(2000))
    for asked in (0, 1000):
        answer = _leaving(owner, "/api/contacts/import", asked, file.encode(), "text/csv")
        assert _refusal(answer) == (503, "client_left")
    assert names(owner) == before


def test_a_company_file_whose_client_has_left_is_not_made_to_its_end(owner: Client) -> None:
    owner.create("/api/contacts", given_name="Anna")
    assert _refusal(_leaving(owner, "/api/company/export", 0)) == (503, "client_left")


def test_who_stays_is_served(owner: Client) -> None:
    answer = _leaving(owner, "/api/contacts/preview", 1 << 30, b"Name\nAnna\n", "text/csv")
    assert (answer.status_int, answer.json["rows"]) == (200, 1)
