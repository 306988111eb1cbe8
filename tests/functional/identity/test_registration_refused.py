"""Registrations that are refused: too many, taken addresses, repeated keys, invalid input."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from crmtenant.security import passwords
from crmtenant.services.identity.rate_limits import CHOICES_FACTOR
from tests.functional.identity.people import PASSWORD, Client


def field_errors(response):
    return {(field_error["pointer"], field_error["code"]) for field_error in response.json["errors"]}


def test_registrations_are_limited_by_address(platforms, newcomer):
    client = Client(platforms(registrations_per_address=2))
    for _ in range(2):
        client.register()
    body = {"company_name": "X", "name": "Y", "email": "limit@example.com", "password": PASSWORD}
    refused = client.call("POST", "/api/registrations", body, token=None)
    assert (refused.status_int, "Retry-After" in refused.headers) == (429, True)
    assert newcomer().register(email="limit@example.com").status_int == 201


def test_judging_passwords_is_limited_before_it_costs_anything(platforms, monkeypatch):
    judged = []
    monkeypatch.setattr(passwords, "omnimatch", lambda password, _: judged.append(password) or [])
    client = Client(platforms(registrations_per_address=1))
    body = {"company_name": "X", "name": "Y", "email": "judged@example.com"}

    def status(password):
        answer = client.call("POST", "/api/registrations", {**body, "password": password}, token=None)
        return answer.status_int

    assert [status("short") for _ in range(CHOICES_FACTOR + 1)] == [422] * (CHOICES_FACTOR + 1)
    assert [status("Qi7#nobody guesses this") for _ in range(1)] == [201]
    assert [status("q" * 15 + str(number)) for number in range(CHOICES_FACTOR)][-1] == 429
    assert len(judged) == CHOICES_FACTOR


def test_an_address_registers_once_in_any_spelling(client, newcomer):
    client.register(email="Taken@Example.com")
    body = {"company_name": "Other", "name": "Other", "email": "taken@example.COM", "password": PASSWORD}
    refused = newcomer().call("POST", "/api/registrations", body)
    assert (refused.status_int, refused.json["code"]) == (409, "email_taken")


def test_a_registration_under_a_key_is_answered_again_with_the_same_bytes(client, newcomer):
    body = {"company_name": "Keyed", "name": "K", "email": "keyed@example.com", "password": PASSWORD}
    key = {"Idempotency-Key": "registration-1"}
    first = client.keep(client.call("POST", "/api/registrations", body, headers=key))
    time.sleep(1.1)
    again = newcomer()
    second = again.keep(again.call("POST", "/api/registrations", body, headers=key))
    assert first.body == second.body
    assert client.app.cookies["rt"] == again.app.cookies["rt"]
    assert client.who().status_int == again.who().status_int == 200
    other = newcomer().call("POST", "/api/registrations", {**body, "password": PASSWORD + "!"}, headers=key)
    assert other.status_int == 422


def test_parallel_registrations_under_one_key_make_one_company(platform):
    body = {"company_name": "Race", "name": "R", "email": "race@example.com", "password": PASSWORD}

    def register(_):
        headers = {"Idempotency-Key": "race"}
        return Client(platform).call("POST", "/api/registrations", body, headers=headers)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(register, range(4)))
    assert {answer.status_int for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1


def test_a_registration_hears_of_all_its_faults_at_once(newcomer):
    body = {
        "company_name": " ",
        "email": "nobody",
        "password": "short",
        "country": "Atlantis",
        "currency": "XXX",
        "language": "klingonish",
        "time_zone": "Mars/Olympus",
        "is_admin": True,
    }
    refused = newcomer().call("POST", "/api/registrations", body)
    assert refused.status_int == 422
    assert field_errors(refused) == {
        ("/company_name", "required"),
        ("/name", "required"),
        ("/email", "invalid_email"),
        ("/password", "password_too_short"),
        ("/country", "invalid_country"),
        ("/currency", "invalid_currency"),
        ("/language", "invalid_language"),
        ("/time_zone", "invalid_time_zone"),
        ("/is_admin", "unknown_field"),
    }


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("password1234", "common_password"),
        ("Northwind Traders", "common_password"),
        ("x" * 257, "password_too_long"),
        ("vier grüne\x00Fahrräder", "invalid_password"),
        (12345678901234, "invalid_type"),
        (None, "required"),
        (["vier grüne Fahrräder"], "invalid_type"),
    ],
)
def test_a_bad_password_is_named_and_not_repeated(newcomer, password, code):
    body = {"company_name": "Northwind Traders", "name": "A", "email": "pw@example.com", "password": password}
    refused = newcomer().call("POST", "/api/registrations", body)
    assert refused.status_int == 422
    assert field_errors(refused) == {("/password", code)}
    assert str(password) not in refused.text
