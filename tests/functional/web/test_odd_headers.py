"""No header, cookie or part of a form brings any endpoint to a 500, whatever bytes are in it.

Thirty thousand requests: each run tries some of the headers at each endpoint, and some of the values.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import pytest
from webob import Request, Response

from tests.functional.furnishing import FILES, body_of, furnish, path_of
from tests.functional.installation import Company
from tests.functional.requests_of_surface import ABSENT, OPERATIONS, address_of
from tests.functional.surface import Endpoint, endpoints
from tests.sampling import Sample

#: As WSGI carries them: each character is a byte.
ODD = [
    "", "\xff", "\x80\xfe\xc3", "\xc3\xa4", "\xed\xa0\x80", "a\tb", ",", ",,;;==", ";", "=", '"', '"\\', "W/", "*", "a" * 8000,
    "%00%ff", "=?utf-8?b?//8=?=", "-1", "1e309", "9" * 5000, "bytes=0-", "x*=utf-8''%ff", "x*0*=a; x*1=b", f"x*{'9' * 5000}*=a",
    "multipart/form-data; boundary=\xff", "multipart/mixed; boundary=x", "text/csv; charset=hex", "text/csv; charset=\xff",
    "application/json; charset=rot13", "application/x-www-form-urlencoded", "gzip;q=\xff, *;q=9", "Bearer \xff", "Basic Og==",
    "Sun, 99 Nov 1994 99:99:99 GMT", "http://[::1", "null", "same-site\x7f", "\xa0", r'"\377"', r'"\0\012"', "rt=\xff; \xff=rt; rt", '__Host-rt="\xff',
]  # fmt: skip
HEADERS = [
    "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Authorization", "Cache-Control", "Content-Encoding",
    "Content-Language", "Content-Type", "Cookie", "Date", "DNT", "Expect", "Forwarded", "From", "Host", "Idempotency-Key", "If-Match",
    "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Max-Forwards", "Origin", "Pragma", "Prefer", "Priority",
    "Range", "Referer", "Sec-Fetch-Site", "TE", "Traceparent", "Upgrade", "User-Agent", "Via", "X-Forwarded-For", "X-Forwarded-Host",
    "X-Forwarded-Proto", "X-HTTP-Method-Override", "X-Request-Id", "X-Requested-With",
]  # fmt: skip
#: What the page's files read is not in the surface.
PAGES = ["/", "/contacts", "/assets/none.js", "/favicon.svg"]


@pytest.fixture(scope="module")
def company(south_for_all: Company) -> Company:
    south_for_all.empty()
    furnish(south_for_all)
    return south_for_all


def _answer(company: Company, method: str, path: str, body: bytes, headers: dict[str, str]) -> Response:
    request = Request.blank(path, method=method, body=body)
    own = {
        "Host": "localhost",
        "Authorization": f"Bearer {company.token()}",
        "Content-Type": "application/json",
        "X-Requested-With": "page",
        **headers,
    }
    for name, value in own.items():
        variable = name.upper().replace("-", "_")
        request.environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = value
    answer = request.get_response(company.app.app)
    answer.body  # noqa: B018 (read, because some answers are made while they are sent)
    return answer


def _assert_no_fault_of_ours(answer: Response, asked: object) -> None:
    assert answer.status_int < 500, (asked, answer.text)
    if answer.status_int >= 400:
        assert answer.content_type == "application/problem+json", asked
        assert json.loads(answer.body)["status"] == answer.status_int


OddHeaders = Callable[..., Iterator[dict[str, str]]]


@pytest.fixture
def odd_headers(sample: Sample, chance: random.Random) -> OddHeaders:
    """Some headers, each with so many odd values."""

    def made(count: int, *, headers: int) -> Iterator[dict[str, str]]:
        for name in sample(HEADERS, headers):
            for odd in chance.sample(ODD, count):
                yield {name: odd}

    return made


def _request_of(endpoint: Endpoint, company: Company) -> tuple[str, bytes, dict[str, str]]:
    path = path_of(endpoint, company)
    if endpoint.name in FILES:
        media_type, content = FILES[endpoint.name]
        return path, content, {"Content-Type": media_type}
    body = body_of(endpoint)
    return path, b"" if body is None else json.dumps(body).encode(), {}


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_no_header_breaks_an_endpoint_of_a_company(
    endpoint: Endpoint, company: Company, odd_headers: OddHeaders
) -> None:
    path, body, own = _request_of(endpoint, company)
    for headers in odd_headers(2, headers=8):
        answer = _answer(company, endpoint.method, path, body, own | headers)
        _assert_no_fault_of_ours(answer, headers)


INSIDE = {(endpoint.method, endpoint.path.partition("{")[0]) for endpoint in endpoints()}
PUBLIC = [one for one in OPERATIONS if (one.method, one.path.partition("{")[0]) not in INSIDE]
COOKIES = [f"{name}={odd}" for name in ("rt", "__Host-rt", "device") for odd in ODD]


@pytest.mark.parametrize("operation", PUBLIC, ids=lambda one: f"{one.method} {one.path}")
def test_no_header_or_cookie_breaks_a_public_endpoint(
    operation: Any, company: Company, odd_headers: OddHeaders, sample: Sample
) -> None:
    (somebody,) = company.join("member")
    token = company.platform.identity.tokens.issue(somebody, company.id, 1)
    path = address_of(operation, ABSENT)
    body = b"{}" if operation.method in {"POST", "PATCH"} else b""
    cookies = ({"Cookie": cookie, "Authorization": ""} for cookie in sample(COOKIES, 16))
    for headers in [*odd_headers(3, headers=8), *cookies]:
        own = {"Authorization": f"Bearer {token}"}
        answer = _answer(company, operation.method, path, body, own | headers)
        _assert_no_fault_of_ours(answer, headers)


@pytest.mark.parametrize("path", PAGES)
def test_no_header_breaks_the_page(path: str, company: Company, odd_headers: OddHeaders) -> None:
    for headers in odd_headers(4, headers=8):
        assert _answer(company, "GET", path, b"", headers).status_int < 500, headers


@pytest.mark.parametrize("header", HEADERS)
def test_no_value_of_a_header_breaks_reading_or_writing(
    header: str, company: Company, sample: Sample
) -> None:
    for odd in sample(ODD, 8):
        for method, path, body in (
            ("GET", "/api/contacts/2", b""),
            ("PATCH", "/api/contacts/2", b"{}"),
            ("POST", "/api/sessions", b"{}"),
            ("POST", "/api/sessions/refresh", b""),
        ):
            _assert_no_fault_of_ours(_answer(company, method, path, body, {header: odd}), (method, odd))


def test_cookies_of_others_do_not_hide_ours(company: Company) -> None:
    """Another program on the same host may have put any bytes into its own cookie."""
    for cookie in (
        r'x="\377"; rt=unknown',
        "\xff=\xff; rt=unknown",
        "a; rt=unknown; b=\xe4",
        "=; rt=unknown",
        'x="; rt=unknown',
    ):
        answer = _answer(
            company, "POST", "/api/sessions/refresh", b"", {"Cookie": cookie, "Authorization": ""}
        )
        assert (answer.status_int, answer.json["code"]) == (401, "invalid_refresh_token")


FORMS = [(path, "file.csv") for path in ("/api/contacts/import", "/api/contacts/preview")]
FORMS += [("/api/company/import", "file.zip")]
DISPOSITION = 'Content-Disposition: form-data; name="file"; filename="{name}"'
PARTS = [
    *(f"{DISPOSITION}\r\nContent-Type: {odd}" for odd in ODD),
    *(
        f"{DISPOSITION}\r\nContent-Type: text/csv; charset={odd}"
        for odd in [
            *ODD, "hex", "rot13", "base64", "bz2", "zip", "uu", "quopri", "undefined", "idna", "punycode", "unicode_escape",
            "raw_unicode_escape", "utf-7", "mbcs", "oem", "utf-16", "utf-32", "none", "\0", "../x", "utf-8\0",
        ]
    ),
    *(f"{DISPOSITION}\r\nContent-Transfer-Encoding: {odd}" for odd in [*ODD, "base64", "quoted-printable", "8bit"]),
    *(f"Content-Disposition: {odd}" for odd in ODD),
    *(f"Content-Disposition: form-data; name={odd}; filename={odd}" for odd in ODD),
    *(f'Content-Disposition: form-data; name="mapping{odd}"' for odd in ["", *ODD]),
    *(f"{DISPOSITION}\r\nContent-Length: {odd}" for odd in ODD),
    *(f"{DISPOSITION}\r\nContent-Type: multipart/{kind}; boundary={{boundary}}" for kind in ("mixed", "form-data", "related")),
    f"{DISPOSITION}\r\nContent-Type: multipart/mixed",
    f"{DISPOSITION}\r\nContent-Type: message/rfc822",
    f"{DISPOSITION}\r\n{DISPOSITION}",
    f"{DISPOSITION}\r\n" + "\r\n".join(f"X-{n}: y" for n in range(20)),
    "Content-Type: text/csv", " continued", ":", "\xff: \xff", "",
]  # fmt: skip
BODIES = [
    b"First Name,E-mail\nNew,new@example.com\n",
    b"--inner\r\n\r\nx\r\n--inner--\r\n",
    b"a=%ff&b=\xff",
    b"\xff\0",
    b"",
]


@pytest.mark.parametrize(("path", "name"), FORMS, ids=str)
def test_no_part_of_a_form_breaks_an_upload(path: str, name: str, company: Company, sample: Sample) -> None:
    for part, content in sample(list(zip(PARTS * 2, cycle(BODIES), strict=False)), 100):
        lines = part.replace("{name}", name).replace("{boundary}", "inner").encode("latin-1")
        body = b"--b0undary\r\n" + lines + b"\r\n\r\n" + content + b"\r\n--b0undary--\r\n"
        form = {"Content-Type": "multipart/form-data; boundary=b0undary"}
        _assert_no_fault_of_ours(_answer(company, "POST", path, body, form), (part, content))


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_no_boundary_breaks_an_upload(odd: str, company: Company) -> None:
    body = (
        b"--"
        + odd.encode("latin-1")
        + b'\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\nx\r\n--'
    )
    for media_type in (
        f"multipart/form-data; boundary={odd}",
        f'multipart/form-data; boundary="{odd}"',
        f"multipart/form-data{odd}",
    ):
        answer = _answer(company, "POST", "/api/contacts/preview", body, {"Content-Type": media_type})
        _assert_no_fault_of_ours(answer, media_type)


def test_a_part_in_an_unknown_charset_is_refused_by_name(company: Company) -> None:
    for charset in ("hex", "rot13", "klingon"):
        part = f'Content-Disposition: form-data; name="file"; filename="x.csv"\r\nContent-Type: text/csv; charset={charset}'
        body = f"--b\r\n{part}\r\n\r\nname\nx\r\n--b--\r\n".encode()
        form = {"Content-Type": "multipart/form-data; boundary=b"}
        answer = _answer(company, "POST", "/api/contacts/import", body, form)
        assert answer.status_int == 415
        assert charset in answer.json["detail"]
