"""How many tokens a bucket has, and how many buckets there are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant import token_buckets
from crmtenant.token_buckets import TokenBuckets


class Ticks:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


def test_a_burst_then_the_rate(ticks: Ticks) -> None:
    buckets = TokenBuckets(2, 3, ticks)
    assert [buckets.take("a") for _ in range(3)] == [2, 1, 0]
    assert buckets.take("a") == pytest.approx(-0.5)
    ticks.now += 0.25
    assert buckets.take("a") == pytest.approx(-0.25)
    ticks.now += 0.25
    assert buckets.take("a") == 0
    ticks.now += 100
    assert [buckets.take("a") for _ in range(3)] == [2, 1, 0]
    assert buckets.take("a") < 0


def test_what_is_refused_takes_nothing(ticks: Ticks) -> None:
    buckets = TokenBuckets(1, 1, ticks)
    buckets.take("a")
    assert {buckets.take("a") for _ in range(100)} == {-1.0}
    ticks.now += 1
    assert buckets.take("a") == 0


def test_one_key_leaves_the_others_alone(ticks: Ticks) -> None:
    buckets = TokenBuckets(1, 2, ticks)
    for _ in range(10):
        buckets.take("a")
    assert buckets.take("b") == 1


def test_any_number_of_keys_takes_a_bounded_memory(ticks: Ticks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_buckets, "MAX_KEYS", 100)
    buckets = TokenBuckets(1, 2, ticks)
    for number in range(10_000):
        buckets.take("busy")
        buckets.take(number)
    assert len(buckets) <= 200
    assert buckets.take("busy") < 0


@given(
    per_second=st.integers(1, 1000),
    burst=st.integers(1, 1000),
    waits=st.lists(st.floats(0, 3), min_size=1, max_size=100),
)
def test_never_more_than_the_burst_and_the_rate(per_second: int, burst: int, waits: list[float]) -> None:
    ticks = Ticks()
    buckets, taken = TokenBuckets(per_second, burst, ticks), 0
    for wait in waits:
        ticks.now += wait
        for _ in range(30):
            taken += buckets.take("a") >= 0
    assert taken <= burst + (ticks.now - 1000) * per_second + 1e-3
