"""Who gets to see the fleet's page, and what it never does."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from webtest import TestApp

from crmtenant.errors import TooMany, Unavailable
from crmtenant.worker.fleet_page.app import FleetPage
from crmtenant.worker.fleet_page.sign_ins import IDLE_SECONDS, LONGEST_SECONDS, MOST, SignIns
from tests.clock import Clock
from tests.unit.worker.fleet_page.fleets import SERVER, WORK, company, fleet, many

PASSWORD = "seven green umbrellas"
LINK = re.compile(r"""(?:href|src|action)="([^"]*)""")


class Accounts:
    """Those of one operator; an attempt may be one too many."""

    def __init__(self):
        self.marks = {"mara": b"1"}
        self.is_over = False

    def is_right(self, name, password, address):
        if self.is_over:
            raise TooMany("Too many.", retry_after_seconds=60)
        return name in self.marks and password == PASSWORD

    def mark(self, name):
        return self.marks.get(name)


@pytest.fixture
def accounts():
    return Accounts()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def seen():
    """What there is to be seen; a test puts another fleet there."""
    return [fleet()]


@pytest.fixture
def page(accounts, clock, seen):
    def look():
        if seen[0] is None:
            raise Unavailable
        return seen[0]

    return TestApp(FleetPage(accounts, look, SignIns(clock)), extra_environ={"HTTP_HOST": "127.0.0.1:9401"})


def sign_in(page, name="mara", password=PASSWORD, status=303, **headers):
    return page.post("/sign-in", {"name": name, "password": password}, headers=headers, status=status)


def shows_fleet(answer):
    return "data-live" in answer.text


def test_only_who_signs_in_sees_companies(page):
    assert "northwind" not in page.get("/").text
    assert "The account or the password is wrong." in sign_in(page, password="wrong", status=403).text
    assert "wrong" in sign_in(page, name="tim", status=403).text
    assert not shows_fleet(page.get("/"))
    assert sign_in(page).location.endswith("/")
    assert shows_fleet(page.get("/"))
    page.post("/sign-out", status=303)
    assert not shows_fleet(page.get("/"))


def test_the_cookie_is_for_this_page_alone(page):
    cookie = sign_in(page).headers["Set-Cookie"]
    assert cookie.split("; ")[1:] == ["Path=/", f"Max-Age={LONGEST_SECONDS}", "HttpOnly", "SameSite=Strict"]
    page.reset()
    page.set_cookie("fleet", cookie.partition("=")[2][:10])
    assert not shows_fleet(page.get("/"))


@pytest.mark.parametrize("path", ["/", "/fleet.css", "/fleet.js", "/icon.svg", "/nothing"])
def test_every_answer_says_what_a_browser_may_do_with_it(page, path):
    answer = page.get(path, status="*")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    head = page.head(path, status="*")
    assert (head.status, head.body) == (answer.status, b"")


def test_nothing_is_loaded_from_elsewhere_and_nothing_runs_inline(page):
    texts = [page.get("/").text]
    sign_in(page)
    texts.append(page.get("/").text)
    for text in texts:
        assert all(link.startswith("/") and not link.startswith("//") for link in LINK.findall(text))
        assert not re.search(r"\s(?:style|on\w+)=|<style|<script>|http-equiv", text)
    for path in ("/fleet.css", "/fleet.js"):
        assert "//" not in re.sub(r"(?m)^\s*//.*$", "", page.get(path).text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:6543"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_pages_sign_nobody_in_or_out(page, headers):
    sign_in(page)
    page.post("/sign-in", {"name": "mara", "password": PASSWORD}, headers=headers, status=403)
    page.post("/sign-out", headers=headers, status=403)
    assert shows_fleet(page.get("/"))
    sign_in(page, **{"Origin": "http://127.0.0.1:9401", "Sec-Fetch-Site": "same-origin"})


def test_after_too_many_attempts_it_says_when_to_come_back(page, accounts):
    accounts.is_over = True
    answer = sign_in(page, status=429)
    assert answer.headers["Retry-After"] == "60"
    assert "Too many attempts" in answer.text


@pytest.mark.parametrize("mark", [None, b"2"])
def test_who_is_signed_in_is_out_when_the_account_is_gone_or_has_another_password(page, accounts, mark):
    sign_in(page)
    accounts.marks["mara"] = mark
    assert not shows_fleet(page.get("/"))


def test_a_sign_in_ends_by_itself(page, clock):
    sign_in(page)
    clock.put_forward(IDLE_SECONDS - 1)
    assert shows_fleet(page.get("/"))
    clock.put_forward(IDLE_SECONDS + 1)
    assert not shows_fleet(page.get("/"))
    sign_in(page)
    for _ in range(LONGEST_SECONDS // (IDLE_SECONDS // 2) + 1):
        clock.put_forward(IDLE_SECONDS // 2)
        answer = page.get("/")
    assert not shows_fleet(answer)


def test_only_so_many_are_signed_in(clock):
    sign_ins = SignIns(clock)
    first, *others = [sign_ins.begin("mara", b"1") for _ in range(MOST + 1)]
    assert sign_ins.find(first) is None
    assert all(sign_ins.find(token) for token in others)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/sign-in"), ("POST", "/"), ("PUT", "/"), ("GET", "/api/me"), ("GET", "//fleet.css")],
)
def test_there_is_nothing_else(page, method, path):
    page.request(path, method=method, status=404)


@pytest.mark.parametrize(
    "body", [b"", b"name=%00&password=%00", b"name=%ff%fe", b"\xff" * 100, b"name=a&" * 400, b"x" * 5000]
)
def test_a_form_that_makes_no_sense_signs_nobody_in(page, body):
    page.post("/sign-in", body, status=403)


def test_without_a_catalog_it_says_so(page, seen):
    sign_in(page)
    seen[0] = None
    assert "cannot be read" in page.get("/", status=503).text


def test_names_are_text_wherever_they_stand(page, seen):
    evil = """<script>alert(1)</script>"'&"""
    seen[0] = fleet(
        company(evil, name=evil, server=evil, schema_revision=evil),
        servers=[replace(SERVER, name=evil)],
        work=[replace(WORK, company=evil), replace(WORK, kind="command", step=evil, progress=None)],
    )
    sign_in(page)
    text = page.get("/", {"q": evil}).text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#x27;&amp;") >= 8


class Elements(HTMLParser):
    """Elements that are open, and whether each is closed where it should be."""

    def __init__(self):
        super().__init__()
        self.open, self.ids = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in {"meta", "link", "input"}:
            self.open.append(tag)
        self.ids += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_what_is_shown_is_whole_in_both_languages(page, seen):
    seen[0] = fleet(
        company("late", proven_at=None, used_at=None, load=None, requests=None, errors=None, size_bytes=None),
        company("lost", drift="missing", errors=3),
        company("old", drift="behind", schema_revision="0006"),
        company("new", state="provisioning", schema_revision=None),
        servers=[
            SERVER,
            replace(SERVER, name="full", used_bytes=950),
            replace(SERVER, name="away", is_reachable=False, used_bytes=None),
            replace(SERVER, name="leaving", is_draining=True, capacity_bytes=None),
            replace(SERVER, name="none", weight=0),
        ],
        work=[
            WORK,
            replace(WORK, kind="filling", step=None),
            replace(WORK, kind="paused", step=None, progress=None),
        ],
    )
    sign_in(page)
    for language, words in (
        (
            "en",
            (
                "Has room",
                "Full",
                "Unreachable",
                "Draining",
                "Takes none",
                "Sandbox · masking",
                "70 %",
                "25.00 %",
                "never",
            ),
        ),
        (
            "de",
            (
                "Hat Platz",
                "Voll",
                "Nicht erreichbar",
                "Wird geräumt",
                "Datenbank fehlt",
                "25,00 %",
                "nie",
                "8,93 MB",
            ),
        ),
    ):
        text = page.get("/", headers={"Accept-Language": language}).text
        assert [word for word in words if word not in text] == []
        elements = Elements()
        elements.feed(text)
        assert elements.open == []
        assert len(elements.ids) == len(set(elements.ids))


def test_thousands_are_shown_a_hundred_at_a_time(page, seen):
    seen[0] = many(3000)
    sign_in(page)
    first = page.get("/")
    assert len(first.body) < 150_000
    assert "Page 1 of 30" in first.text
    second = first.click("Next")
    assert "company-0100" in second.text
    assert "company-0099" not in second.text
    assert "Page 30 of 30" in page.get("/", {"page": "30"}).text
