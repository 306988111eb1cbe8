"""E-mail addresses, telephone numbers of many countries, links."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.fields import Email, Phone, Url
from crmtenant.schemas.fields.contact_points import national_number
from crmtenant.text.emails import email_key


def refused(kind, value):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return caught.value.errors(include_input=False)[0]["type"]


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (" anna.berg@Example.COM ", "anna.berg@example.com"),
        ("anna+crm@example.com", "anna+crm@example.com"),
        ("jörg@münchen.de", "jörg@münchen.de"),
        ("a@xn--mnchen-3ya.de", "a@münchen.de"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("printer@office.local", "printer@office.local"),
    ],
)
def test_an_email_address_is_kept_normalised(value, kept):
    once = TypeAdapter(Email).validate_python(value)
    assert once == kept
    assert TypeAdapter(Email).validate_python(once) == once


@pytest.mark.parametrize(
    "value",
    [
        "anna", "anna@", "@example.com", "a b@example.com", "anna@example", "anna@@example.com",
        "Anna <anna@example.com>", "anna@[127.0.0.1]", '"a b"@example.com', "a@example..com", "a@-x.de",
        "anna@example.com, bob@example.com", "a@b.c/..", "a@" + "x" * 64 + ".de",
    ],
)  # fmt: skip
def test_what_is_no_email_address_is_refused(value):
    assert refused(Email, value) == "invalid_email"


@pytest.mark.parametrize("value", ["a@b.de\r\nBcc: x@y.de", "a\0@b.de"])
def test_an_email_address_cannot_carry_headers(value):
    assert refused(Email, value) == "control_character"


def test_spellings_of_one_address_have_one_key():
    assert email_key("Jo\u0308RG@Example.com") == email_key("jörg@example.com")
    assert email_key("a@straße.de") != email_key("a@strasse.de")


def phone(value, region=None, country=None):
    """The entry as it is stored."""
    data = {"name": "x", "phones": [{"value": value}]}
    if country:
        data["addresses"] = [{"label": "nowhere", "city": "x"}, {"country": country}]
    return load(ContactDraft, data, context={"region": region}).columns()["phones"][0]


@pytest.mark.parametrize(
    ("value", "region", "e164"),
    [
        ("030-0074321", "DE", "+49300074321"),
        ("(5) 555-4729", "MX", None),
        ("(171) 555-7788", "GB", None),
        ("+49 (0)30 1234567", None, "+49301234567"),
        ("0049 30 1234567", "US", "+49301234567"),
        ("01 42 68 53 00", "FR", "+33142685300"),
        ("22 695 12 34", "PL", "+48226951234"),
        ("210 323 4567", "GR", "+302103234567"),
        ("03-3211-2345", "JP", "+81332112345"),
        ("０３－３２１１－２３４５", "JP", "+81332112345"),
        ("010 6552 9988", "CN", "+861065529988"),
        ("٠٢ ٢٥٧٥ ١٢٣٤", "EG", "+20225751234"),
        ("03-624-1234", "IL", "+97236241234"),
        ("022 2202 1234", "IN", "+912222021234"),
        ("(11) 3061-1234", "BR", "+551130611234"),
        ("(212) 736-5000 ext. 12", "US", "+12127365000"),
        ("001-234-203-0635x76146", "DE", "+12342030635"),
        ("\u202a+1 212 736 5000\u202c", None, "+12127365000"),
        ("112", "DE", None),
        ("555 1234", None, None),
    ],
)
def test_a_number_is_kept_as_typed_and_dialled_when_it_is_valid(value, region, e164):
    stored = phone(value, region=region)
    assert stored["e164"] == e164
    assert stored == phone(stored["value"], region=region)


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("030 901820", "+4930901820"),
        ("+1 (650) 253-0000 ext. 7", "+16502530000"),
        ("0041 44 668 18 00", "+41446681800"),
        ("12345", None),
    ],
)
def test_a_number_is_kept_as_typed(typed, e164):
    stored = phone(typed, region="DE")
    assert (stored["value"], stored["e164"]) == (typed, e164)


def test_the_address_says_which_country_a_number_belongs_to():
    assert phone("01 42 68 53 00", region="DE", country="FR")["e164"] == "+33142685300"
    assert phone("01 42 68 53 00", country="fr")["e164"] == "+33142685300"


def test_what_was_read_can_be_sent_back_and_nothing_else_is_believed():
    entry = {"label": None, "value": "030 1234567", "e164": "+1", "is_primary": True}
    draft = load(ContactDraft, {"name": "x", "phones": [entry]}, context={"region": "DE"})
    assert draft.columns()["phones"] == [{**entry, "e164": "+49301234567"}]
    assert draft.columns()["phone_keys"] == ["+49301234567", "0301234567"]


@pytest.mark.parametrize(
    "value",
    ["12", "call me", "+1 2", "+999 123456", "00", "+" + "1" * 30, "1-800-FLOWERS", "030\u202812", "a" * 65,
     "030;drop table", "+49 30 1234567 ext", "⑴" * 60, "javascript:1234"],
)  # fmt: skip
def test_what_cannot_be_dialled_anywhere_is_refused(value):
    assert refused(Phone, value) in ("invalid_phone", "too_long", "control_character")


def test_numbers_are_dialled_inside_their_country():
    assert national_number("+49301234567") == "030 1234567"


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("www.x.de", "https://www.x.de"),
        ("x.de/path?q=1#top", "https://x.de/path?q=1#top"),
        ("example.com:8080/x", "https://example.com:8080/x"),
        ("//example.com", "https://example.com"),
        ("HTTP://Example.com", "http://Example.com"),
        ("https://münchen.de", "https://münchen.de"),
        ("http://[::1]/", "http://[::1]/"),
        ("mailto:a@b.de", "mailto:a@b.de"),
        ("tel:+4930123", "tel:+4930123"),
        ("xmpp:a@b.de", "xmpp:a@b.de"),
    ],
)
def test_a_link_is_kept(value, kept):
    once = TypeAdapter(Url).validate_python(value)
    assert once == kept
    assert TypeAdapter(Url).validate_python(once) == once


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "data:text/html,x", "vbscript:x",
        "file:///etc/passwd", "https://", "http:///x", "https://good.com@evil.com", "https://x.de:99999",
        "https://x.de:abc", "http://[::1", "https://x .de", "https://x.de/<script>", "mailto:", "hello", "@anna",
        "https://x.de\\@evil", "blob:https://x.de", "https:x.de", "x" * 1995 + ".de/xx",
    ],
)  # fmt: skip
def test_what_we_do_not_link_to_is_refused(value):
    assert refused(Url, value) in ("invalid_url", "control_character", "too_long")
