"""Limits are exact, whoever counts, and know nobody by name."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from crmtenant.errors import TooMany
from crmtenant.models.catalog.tables import RateLimitBucket
from crmtenant.services.identity.rate_limits import Limit, RateLimits, address_block

KEY = b"k" * 32
LIMIT = Limit("sign-in", 10, 300)


@pytest.fixture
def attempts(catalog, clock):
    return RateLimits(catalog, lambda: [KEY], clock)


@pytest.fixture
def subject(request):
    return request.node.nodeid


def allowed(attempts, subject, limit=LIMIT):
    try:
        attempts.count(limit, subject)
    except TooMany:
        return False
    return True


def test_exactly_as_many_attempts_as_the_limit_are_allowed(attempts, subject):
    assert [allowed(attempts, subject) for _ in range(13)] == [True] * 10 + [False] * 3


def test_the_limit_is_exact_for_attempts_made_at_once(attempts, subject):
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: allowed(attempts, subject), range(24)))
    assert outcomes.count(True) == 10


def test_another_process_counts_the_same(catalog, attempts, subject, clock):
    for _ in range(10):
        attempts.count(LIMIT, subject)
    assert not allowed(RateLimits(catalog, lambda: [KEY], clock), subject)


def test_the_answer_says_when_to_try_again(attempts, subject, clock):
    for _ in range(10):
        attempts.count(LIMIT, subject)
    clock.advance(100.5)
    with pytest.raises(TooMany) as refusal:
        attempts.count(LIMIT, subject)
    assert refusal.value.retry_after_seconds == 200


def test_after_the_window_all_attempts_are_back_and_refused_ones_did_not_lengthen_it(
    attempts, subject, clock
):
    for _ in range(15):
        allowed(attempts, subject)
    clock.advance(300)
    assert [allowed(attempts, subject) for _ in range(11)] == [True] * 10 + [False]


def test_subjects_and_kinds_are_counted_apart(attempts, subject):
    tight = Limit("one", 1, 300)
    assert allowed(attempts, subject, tight)
    assert not allowed(attempts, subject, tight)
    assert allowed(attempts, subject + "!", tight)
    assert allowed(attempts, subject, Limit("two", 1, 300))


def test_success_clears(attempts, subject):
    for _ in range(12):
        allowed(attempts, subject)
    attempts.clear(LIMIT, subject)
    assert [allowed(attempts, subject) for _ in range(11)] == [True] * 10 + [False]


def test_an_attempt_given_back_is_one_and_never_less_than_none(attempts, subject):
    attempts.refund(LIMIT, subject)
    for _ in range(10):
        attempts.count(LIMIT, subject)
    attempts.refund(LIMIT, subject)
    assert [allowed(attempts, subject) for _ in range(2)] == [True, False]


def test_the_table_names_nobody(catalog, attempts):
    attempts.count(LIMIT, "anna@example.com")
    with catalog.begin() as session:
        names = list(session.scalars(select(RateLimitBucket.bucket)))
    assert not any("anna" in name or "sign" in name for name in names)
    assert {len(name) for name in names} == {64}


def test_old_windows_are_swept(catalog, attempts, subject, clock):
    attempts.count(LIMIT, subject)
    clock.advance(200_000)
    attempts.count(LIMIT, subject + "new")
    attempts.sweep()
    with catalog.begin() as session:
        oldest = session.scalar(select(func.min(RateLimitBucket.window_started_at)))
    assert oldest == clock()


@pytest.mark.parametrize(
    ("address", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_an_address_is_counted_with_its_block(address, block):
    assert address_block(address) == block


def test_a_new_key_gives_nobody_new_attempts(catalog, clock, subject):
    """Processes learn of it one after the other; the old key is forgotten when all have learnt of it."""
    new = b"n" * 32
    before, adding, leading, after = (
        RateLimits(catalog, lambda keys=keys: keys, clock) for keys in ([KEY], [KEY, new], [new, KEY], [new])
    )
    for process in (before, adding, leading) * 3:
        assert allowed(process, subject)
    assert allowed(leading, subject)
    assert not allowed(before, subject)
    assert not allowed(adding, subject)
    for _ in range(2):
        allowed(leading, subject)
    assert not allowed(after, subject)
    leading.clear(LIMIT, subject)
    assert allowed(before, subject)
    assert allowed(after, subject)
