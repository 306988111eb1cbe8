"""Passwords: what is taken, what is refused, and that nobody learns who exists from the time it takes."""

from __future__ import annotations

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from crmtenant.errors import Unavailable
from crmtenant.security import passwords as module
from crmtenant.security.passwords import RANKED_DICTIONARIES, Passwords, check_strength, omnimatch

WORDS = ("Maria Schneider", "maria@northwind.example", "Northwind Traders")
GOOD = "vier grüne Fahrräder"


@pytest.fixture(scope="module")
def passwords():
    return Passwords(min_length=12, parallel=2)


@pytest.fixture(scope="module")
def good_hash(passwords):
    return passwords.hash(GOOD)


def code(password, words=WORDS, min_length=12):
    field_error = check_strength(password, words, min_length)
    return field_error and field_error.code


def test_the_right_password_is_the_right_one(passwords, good_hash):
    assert passwords.verify(good_hash, GOOD)


@pytest.mark.parametrize(
    "wrong", ["", GOOD + " ", GOOD[:-1], GOOD.upper(), "x" * 100_000, "\x00", "\ud800", GOOD + "\x00"]
)
def test_another_password_is_not(passwords, good_hash, wrong):
    assert not passwords.verify(good_hash, wrong)


def test_the_same_letters_typed_otherwise_are_the_same_password(passwords, good_hash):
    assert passwords.verify(good_hash, GOOD.replace("ü", "u\u0308").replace("ä", "a\u0308"))


def test_all_256_characters_count(passwords):
    long = "0123456789abcdef" * 16
    kept = passwords.hash(long)
    assert passwords.verify(kept, long)
    assert not passwords.verify(kept, long[:-1] + "x")
    assert not passwords.verify(kept, long + "x")


@pytest.mark.parametrize("unusable", [None, "", "!", "plain text", "$argon2id$broken", "$2b$12$abc"])
def test_nobody_signs_in_without_a_usable_hash(passwords, unusable):
    assert not passwords.verify(unusable, "")
    assert not passwords.verify(unusable, GOOD)


def test_hashes_are_argon2id_with_46_mebibytes_and_salted(passwords, good_hash):
    assert good_hash.startswith("$argon2id$v=19$m=47104,t=1,p=1$")
    assert passwords.hash(GOOD) != good_hash


def test_a_hash_of_other_costs_is_to_be_made_anew_and_still_holds(passwords, good_hash):
    old = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(GOOD.encode())
    assert passwords.needs_rehash(old)
    assert not passwords.needs_rehash(good_hash)
    assert passwords.verify(old, GOOD)


def test_an_unknown_person_takes_as_long_as_a_wrong_password(passwords, good_hash):
    def seconds(password_hash):
        started = time.thread_time()
        passwords.verify(password_hash, "not the password")
        return time.thread_time() - started

    pairs = [(seconds(None), seconds(good_hash)) for _ in range(15)]
    unknown, wrong = (statistics.median(times) for times in zip(*pairs, strict=True))
    assert unknown == pytest.approx(wrong, rel=0.4)


def test_only_so_many_hash_at_once(monkeypatch):
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
    passwords = Passwords(min_length=12, parallel=1)
    entered, leave = threading.Event(), threading.Event()

    def occupy():
        with passwords._slot():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=occupy)
    thread.start()
    entered.wait(10)
    with pytest.raises(Unavailable):
        passwords.verify(None, GOOD)
    leave.set()
    thread.join()
    assert not passwords.verify(None, GOOD)


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "vier grüne Fahrräder",
        "kP7-xm2Q.vLz",
        "aQ7 zzzz mornings",
        "каша пахнет утром",
        "私は毎朝五時に起きます本当",
        "🦊 jumps over 🐢 twice",
        "Northwind-Harbour-Lantern-9",
        "0123456789abcdef" * 16,
        "all lower case and long enough",
        "83920175620194",
    ],
)
def test_a_password_nobody_would_guess_is_taken_whatever_it_is_made_of(password):
    assert code(password) is None


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "passwordpassword",
        "aaaaaaaaaaaa",
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "P@ssw0rd1234",
        "abcdefghijklm",
        "northwind2024",
        "Northwind Traders",
        "Maria Schneider",
        "maria@northwind.example",
        "iloveyouiloveyou",
        "p@ssw0rd" * 20,
        "a" * 256,
    ],
)
def test_a_password_anybody_would_guess_is_refused(password):
    assert code(password) == "common_password"


@pytest.mark.parametrize(
    ("password", "expected"),
    [
        ("", "password_too_short"),
        ("kP7-xm2Q.vL", "password_too_short"),
        ("v" + "kP7-xm2Q.vLz " * 20, "password_too_long"),
        ("kP7-xm2Q.vLz\x00", "invalid_password"),
        ("kP7-xm2Q.vLz\n", "invalid_password"),
        ("kP7-xm2Q.vLz\x7f", "invalid_password"),
        ("kP7-xm2Q.vLz\x9f", "invalid_password"),
        ("kP7-xm2Q.vLz\ud800", "invalid_password"),
    ],
)
def test_a_password_of_the_wrong_form_is_refused(password, expected):
    assert code(password) == expected


def test_the_least_length_is_a_setting():
    assert code("kP7-xm2Q.vL", min_length=11) is None
    assert code("kP7-xm2Q.vLz", min_length=13) == "password_too_short"
    assert Passwords(min_length=20, parallel=1).field_error("kP7-xm2Q.vLz").code == "password_too_short"


def test_a_fault_points_at_the_password_and_does_not_repeat_it():
    field_error = check_strength("password1234", WORDS, 12)
    assert field_error.pointer == "/password"
    assert "password1234" not in field_error.detail


def test_one_persons_words_do_not_count_for_the_next():
    assert code("Zirkonium Quader", ["Zirkonium Quader"]) == "common_password"
    assert code("Zirkonium Quader", []) is None


@pytest.mark.parametrize(
    "hostile", ["4@8({[<3€69&1!|17$5+7%2" * 3, "4@8(3691!0" * 8, "()[]{}<>|!1" * 7, "1a" * 128, " " * 256]
)
def test_judging_never_takes_long(hostile):
    started = time.thread_time()
    code(hostile)
    assert time.thread_time() - started < 0.5


def test_passwords_are_judged_side_by_side_each_by_the_words_of_its_person(monkeypatch):
    both = threading.Barrier(2, timeout=10)

    def matches(password, dictionaries):
        both.wait()
        return omnimatch(password, dictionaries)

    monkeypatch.setattr(module, "omnimatch", matches)
    with ThreadPoolExecutor(2) as threads:
        found = [threads.submit(check_strength, "Xq7vLm2rT", [word], 8) for word in ("Xq7vLm2rT", "Other")]
    assert [bool(one.result()) for one in found] == [True, False]
    assert "user_inputs" not in RANKED_DICTIONARIES
