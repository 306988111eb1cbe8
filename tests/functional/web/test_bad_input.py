"""Bad requests are refused with the right status and a problem document; nothing is written, never a 500.

What the shapes themselves refuse is tried in tests/unit/schemas; here stands one case of each kind, for every endpoint.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.furnishing import body_of, furnish, path_of
from tests.functional.installation import Company
from tests.functional.surface import Endpoint, endpoints, is_of_people

JSON = {"Content-Type": "application/json"}
WITH_BODY = [e for e in endpoints() if e.body is not None and not is_of_people(e)]
WRITES = [e for e in endpoints() if e.method != "GET" and not is_of_people(e)]
CREATE, CHANGE = (
    next(endpoint for endpoint in WITH_BODY if str(endpoint) == name)
    for name in ("POST /api/contacts", "PATCH /api/contacts/{id}")
)


@pytest.fixture(scope="module")
def company(south_for_all: Company) -> Company:
    south_for_all.empty()
    furnish(south_for_all)
    return south_for_all


def _assert_refused(answer: Any, status: int, code: str | None = None) -> None:
    assert answer.status_int == status, answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    if code:
        assert answer.json["code"] == code
    for secret in ("psycopg2", "sqlalchemy", "Traceback", "/work", "t_", "localhost"):
        assert secret not in answer.json["detail"]


BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b" ", 400),
    (b"{", 400),
    (b'{"a":1,}', 400),
    (b"{'a':1}", 400),
    (b'\xef\xbb\xbf{"a":1}', 400),
    (b'{"a":"\xff"}', 400),
    (b'{"a":"\x00"}', 400),
    (b'{"a":NaN}', 400),
    (b'{"a":Infinity}', 400),
    (b'{"a":-Infinity}', 400),
    (b'{"a":1,"a":2}', 400),
    (b'{"a":{"b":1,"b":2}}', 400),
    (b'{"a":' + b"9" * 5000 + b"}", 400),
    (b"[" * 100_000, 400),
    (b'{"a":' * 100_000, 400),
    (b'{"name":"x"}{"name":"y"}', 400),
    (b"null", 422),
    (b"[]", 422),
    (b'"x"', 422),
    (b"5", 422),
    (b"true", 422),
    (b'{"\\ud800":1}', 422),
    (b'{"":1}', 422),
    (b'{"__proto__":{"x":1},"constructor":1}', 422),
    (b'{"a":1e400}', 422),
    (b'{"a":' + b"[" * 500 + b"]" * 500 + b"}", 422),
]


#: Each shows that the endpoint reads its body as all do: as strict JSON, an object, text that can be stored.
EVERYWHERE = [(b"", 400), (b'{"a":1,"a":2}', 400), (b"null", 422), (b'{"\\ud800":1}', 422)]


@pytest.mark.parametrize(
    ("endpoint", "bodies"),
    [(CREATE, BODIES), (CHANGE, BODIES), *((endpoint, EVERYWHERE) for endpoint in WITH_BODY)],
    ids=str,
)
def test_a_body_that_is_no_object_of_ours_is_refused(
    endpoint: Endpoint, bodies: list[tuple[bytes, int]], company: Company
) -> None:
    before, client = company.counts(), company.client()
    for body, status in bodies:
        _assert_refused(client.raw(endpoint.method, path_of(endpoint, company), body, JSON), status)
    assert company.counts() == before


TYPES = [
        {"Content-Type": "application/json; charset=latin-1"}, {"Content-Type": "application/json; charset=utf-7"},
        {"Content-Type": 'application/json; x="y"; charset="utf-16"'}, {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"}, {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": ""}, {"Content-Type": "application/jsonx"}, {"Content-Type": "application/xml"},
        {**JSON, "Content-Encoding": "gzip"}, {**JSON, "Content-Encoding": "br"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("endpoint", "types"),
    [
        (CREATE, TYPES),
        *(
            (endpoint, [{"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}])
            for endpoint in WITH_BODY
        ),
    ],
    ids=str,
)
def test_a_type_or_encoding_we_do_not_speak_is_refused(
    endpoint: Endpoint, types: list[dict[str, str]], company: Company
) -> None:
    body = json.dumps(body_of(endpoint)).encode()
    before, path = company.counts(), path_of(endpoint, company)
    for headers in types:
        answer = company.client().raw(endpoint.method, path, body, headers)
        _assert_refused(answer, 415, "unsupported_media_type")
    assert company.counts() == before


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=UTF-8", "Application/JSON", "application/merge-patch+json"]
)
def test_the_types_we_speak_are_understood(media_type: str, company: Company) -> None:
    answer = company.client().raw("PATCH", "/api/contacts/2", b"{}", {"Content-Type": media_type})
    assert answer.status_int == 200


@pytest.mark.parametrize("endpoint", WITH_BODY, ids=str)
def test_a_body_beyond_the_limit_is_refused(endpoint: Endpoint, company: Company) -> None:
    limit = company.platform.settings.max_json_bytes
    before = company.counts()
    body = b'{"a":"' + b"x" * limit + b'"}'
    _assert_refused(
        company.client().raw(endpoint.method, path_of(endpoint, company), body, JSON), 413, "too_large"
    )
    assert company.counts() == before


WRONG_TYPES: list[Any] = [
    5,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    [5],
    {"a": 1},
    "x" * 20_000,
    "\x00",
    "a\x00b",
    "\ud800",
    "\x1b[31m",
]


@pytest.mark.parametrize("endpoint", [e for e in WITH_BODY if e.name != "bulk"], ids=str)
def test_no_value_in_all_fields_breaks_an_endpoint(endpoint: Endpoint, company: Company) -> None:
    before, client = company.counts(), company.client()
    for value in WRONG_TYPES:
        strange = dict.fromkeys(endpoint.body.model_fields, value)
        body = json.dumps({**body_of(endpoint), **strange, "nonsense": 1}).encode()
        answer = client.raw(endpoint.method, path_of(endpoint, company), body, JSON)
        _assert_refused(answer, 422)
        assert "/nonsense" in [field_error["pointer"] for field_error in answer.json["errors"]]
    assert company.counts() == before


@pytest.mark.parametrize("value", ["a\x00b", "\ud800"])
def test_text_that_cannot_be_kept_is_refused(value: str, company: Company) -> None:
    before = company.counts()
    answer = company.client().raw("POST", "/api/contacts", json.dumps({"name": value}).encode(), JSON)
    _assert_refused(answer, 422)
    assert [field_error["pointer"] for field_error in answer.json["errors"]] == ["/name"]
    assert company.counts() == before


@pytest.mark.parametrize("number", ["1e308", "-0", "0.1"])
def test_no_number_breaks_a_field(number: str, company: Company) -> None:
    before, client = company.counts(), company.client()
    for path, name in (
        ("/api/projects/1", "budget_minutes"), ("/api/tasks/1", "estimate_minutes"), ("/api/tasks/1", "priority"),
        ("/api/tasks/1", "contact_id"), ("/api/contacts/2", "organization_id"), ("/api/columns/1", "task_limit"),
        ("/api/tasks/1", "position"), ("/api/columns/1", "position"),
    ):  # fmt: skip
        answer = client.raw("PATCH", path, f'{{"{name}": {number}}}'.encode(), JSON)
        assert answer.status_int in {200, 422}
        assert answer.status_int == 422 or number in {"-0", "0.1"}
    custom = client.raw("PATCH", "/api/contacts/2", f'{{"custom": {{"n": {number}}}}}'.encode(), JSON)
    assert custom.status_int in {200, 422}
    assert company.counts() == before


HOSTILE = [
    "' OR '1'='1", "1; DROP TABLE contact", "%", "_", "\\", "%' AND pg_sleep(5)--", "${jndi:ldap://x}", "{{7*7}}",
    "../../etc/passwd", "a" * 10_000, "(" * 200, "'" * 200, ":*", "& | !", "<->", "\u202e", "😀" * 200, "ﷺ" * 100, "\r\n",
]  # fmt: skip


#: The parameters whose text comes to the database, one that is a choice, and the cursor.
SEARCHED = {
    "contacts": ("q", "tag", "email", "phone", "sort", "cursor"),
    "projects": ("q", "tag", "cursor"),
    "tasks": ("q", "label", "cursor"),
    "columns": ("cursor",),
    "trash": ("cursor",),
}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_question_breaks_a_list(text: str, company: Company) -> None:
    client = company.client()
    for collection, names in SEARCHED.items():
        for name in names:
            answer = client.get(f"/api/{collection}", **{name: text})
            assert answer.status_int in {200, 400}, answer.text
            if name in {"sort", "cursor"}:
                _assert_refused(answer, 400)


@pytest.mark.parametrize("endpoint", WRITES, ids=str)
def test_no_header_chooses_another_method(endpoint: Endpoint, company: Company) -> None:
    before = company.counts()
    headers = {"X-HTTP-Method-Override": endpoint.method, "X-Method": endpoint.method}
    answer = company.client().get(path_of(endpoint, company), headers)
    assert answer.status_int in {200, 404, 405}
    assert company.counts() == before


@pytest.mark.parametrize("path", ["/api/contacts/2", "/api/projects/1", "/api/tasks/1"])
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("value", [",", '"', '""', "W/", "x" * 5000, "\xff", '"a" "b"', "**"])
def test_no_condition_breaks_an_item(path: str, header: str, value: str, company: Company) -> None:
    client = company.client()
    assert client.get(path, {header: value}).status_int == 200
    refused = client.patch(path, {}, {"If-Match": value})
    _assert_refused(refused, 412)


@pytest.mark.parametrize(
    "environ",
    [
        {"CONTENT_LENGTH": "abc"}, {"CONTENT_LENGTH": "-1"}, {"HTTP_CONTENT_ENCODING": "\xff"}, {"HTTP_HOST": ""},
        {"HTTP_ACCEPT": "\xff"}, {"HTTP_USER_AGENT": "a\x1b[31m\nb"}, {"HTTP_COOKIE": "\xff=\xff; a"},
        {"HTTP_X_FORWARDED_HOST": "evil.example"}, {"HTTP_RANGE": "bytes=0-"}, {"HTTP_IF_MODIFIED_SINCE": "never"},
    ],
    ids=str,
)  # fmt: skip
def test_no_header_breaks_a_request(environ: dict[str, str], company: Company) -> None:
    company.app.lint, lint = False, company.app.lint
    try:
        answer = company.client().environ(PATH_INFO="/api/contacts", **environ)
    finally:
        company.app.lint = lint
    assert answer.status_int in {200, 400, 421}
    assert "evil" not in answer.text
