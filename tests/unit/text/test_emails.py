"""E-mail addresses of people: one key for all spellings of one address."""

from __future__ import annotations

import pytest

from crmtenant.errors import Invalid
from crmtenant.services.identity.users import read_email
from crmtenant.text import emails
from crmtenant.text.emails import Email, email_key, parse_email


@pytest.mark.parametrize(
    ("text", "address", "key"),
    [
        ("anna@example.com", "anna@example.com", "anna@example.com"),
        ("Anna.Berg+crm@EXAMPLE.com", "Anna.Berg+crm@example.com", "anna.berg+crm@example.com"),
        ("Ünï@Exämple.de", "Ünï@exämple.de", "ünï@xn--exmple-cua.de"),
        ("a@xn--exmple-cua.de", "a@exämple.de", "a@xn--exmple-cua.de"),
        ("пётр@пример.рф", "пётр@пример.рф", "пётр@xn--e1afmkfd.xn--p1ai"),
        ("strasse@example.com", "strasse@example.com", "strasse@example.com"),
        ("STRAßE@example.com", "STRAßE@example.com", "strasse@example.com"),
        ("a@firm.test", "a@firm.test", "a@firm.test"),
        ("a@office.local", "a@office.local", "a@office.local"),
    ],
)
def test_an_address_has_one_form_and_one_key(text, address, key):
    email = read_email(text)
    assert (email.address, email.key) == (address, key)


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.com",
        "Anna.Berg@EXAMPLE.com",
        "Ünï@Exämple.de",
        "a@xn--exmple-cua.de",
        "STRAßE@example.com",
    ],
)
def test_contacts_have_the_key_that_people_sign_in_with(text):
    assert email_key(text) == read_email(text).key


def test_what_is_no_address_has_a_key_too():
    assert email_key("Anna @müller") == "anna @müller"


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "a", "@", "a@", "@b.com", "a@b", "a@localhost", "a b@example.com", "a@example..com",
        "a..b@example.com", "a@-b.com", "a@example.com\n", "a\x00@example.com", "a@exa\x00mple.com",
        "Bob <a@example.com>", "a@example.com,b@example.com", '"a b"@example.com', "a@[127.0.0.1]",
        "x" * 65 + "@example.com", "a@" + "b" * 300 + ".com", "a@b.com\r\nBcc: c@d.com", "\ud800@example.com",
        "a@example.com " + "x" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_with_a_pointer(text):
    with pytest.raises(Invalid) as refused:
        read_email(text)
    (field_error,) = refused.value.field_errors
    assert (field_error.pointer, field_error.code) == ("/email", "invalid_email")


def test_the_pointer_is_the_callers():
    with pytest.raises(Invalid) as refused:
        read_email("x", "/members/3/email")
    assert refused.value.field_errors[0].pointer == "/members/3/email"


@pytest.mark.parametrize("is_sign_in", [True, False])
@pytest.mark.parametrize(
    "domain", ["example.com", "EXAMPLE.com", "localhost", "münchen.de", "a..b", "x@y.z", ""]
)
@pytest.mark.parametrize(
    "local", ["anna", "Anna.Berg+crm", "INFO", "a..b", "o'neill", "a b", "x" * 65, "ünï"]
)
def test_a_domain_that_is_remembered_changes_nothing(local: str, domain: str, *, is_sign_in: bool) -> None:
    def read(remembers: bool) -> Email | str:
        try:
            if remembers:
                return parse_email(f"{local}@{domain}", is_sign_in=is_sign_in)
            parts = emails._validated(f"{local}@{domain}", is_sign_in=is_sign_in)
        except ValueError as refusal:
            return str(refusal)
        return Email(parts.normalized, emails._folded(parts.local_part, parts.ascii_domain))

    assert read(remembers=True) == read(remembers=True) == read(remembers=False)
