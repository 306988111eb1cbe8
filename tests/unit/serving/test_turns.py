"""Whose turn it is."""

from types import SimpleNamespace

import pytest

from crmtenant.serving.refusals import TooManyWaiting, WaitedTooLong
from crmtenant.serving.turns import LONG_WAIT_SECONDS, MAX_FILES, MAX_WAITING, Askers, TurnQueue


def _channel(asker="", *, peer="10.0.0.1", is_long=False, is_quick=False, **headers):
    request = SimpleNamespace(error=None, headers=headers)
    return SimpleNamespace(
        asker=asker,
        addr=(peer, 1234),
        requests=[request],
        is_long=is_long,
        is_quick=is_quick,
        total_outbufs_len=0,
    )


class _Named:
    """Every channel says itself whose it is."""

    def of(self, channel, *, is_long):
        return channel.asker


@pytest.fixture
def clock():
    return SimpleNamespace(now=1000.0)


@pytest.fixture
def queue(clock):
    return TurnQueue(
        _Named(),
        2,
        lambda channel: channel.is_long,
        lambda channel: channel.is_quick,
        lambda: clock.now,
    )


def _long(queue, *askers):
    """Channels that wait with long work of these askers."""
    channels = [_channel(asker, is_long=True) for asker in askers]
    for channel in channels:
        queue.append(channel)
    return channels


def _served(queue):
    """Who is served until nobody may be."""
    served = []
    while (turn := queue.take()) is not None:
        served.append(turn.asker)
    return served


def test_askers_have_a_turn_each_however_many_requests_they_send(queue):
    for asker in "aaaaab":
        queue.append(_channel(asker))
    assert _served(queue)[:2] == ["a", "b"]


def test_an_asker_has_its_share_of_the_threads_and_no_more(queue):
    for asker in "aaab":
        queue.append(_channel(asker))
    turns = {turn.asker: turn for turn in (queue.take(), queue.take(), queue.take())}
    assert sorted(turns) == ["a", "b"]
    assert len(queue) == 1
    queue.give_back(turns["b"])
    assert _served(queue) == []
    queue.give_back(turns["a"])
    assert _served(queue) == ["a"]


def test_long_work_is_done_one_at_a_time_for_an_asker_who_is_served_meanwhile(queue):
    first, second = _long(queue, "a", "a")
    queue.append(_channel("a"))
    turn, meanwhile = queue.take(), queue.take()
    assert turn.channel is first
    assert turn.is_long
    assert not meanwhile.is_long
    assert queue.take() is None
    queue.give_back(turn)
    assert queue.take().channel is second


def test_long_work_of_all_has_a_share_of_the_threads_and_others_are_served(queue):
    _long(queue, *"abcd")
    for asker in "cdef":
        queue.append(_channel(asker))
    turns = [queue.take() for _ in range(6)]
    assert [(turn.asker, turn.is_long) for turn in turns] == [
        *(("a", True), ("b", True)),
        *((asker, False) for asker in "cdef"),
    ]
    assert queue.take() is None
    queue.give_back(turns[1])
    assert queue.take().asker == "c"


def test_short_work_never_keeps_long_work_from_its_turn(queue):
    for asker in "bcdefgh":
        queue.append(_channel(asker))
    _long(queue, "a")
    assert queue.take().is_long


def test_what_takes_no_time_is_not_behind_what_else_its_asker_asks(queue):
    for _ in range(3):
        queue.append(_channel("a"))
    assert queue.take_quick() is None
    quick = _channel("a", is_quick=True)
    queue.append(quick)
    assert [queue.take().channel is quick for _ in range(2)] == [False, True]
    queue.append(quick)
    assert queue.take_quick().channel is quick
    assert queue.take_quick() is None


def test_long_work_that_has_waited_too_long_is_told_to_come_back(queue, clock):
    running, waiting = _long(queue, "a", "a")
    assert queue.take().channel is running
    clock.now += LONG_WAIT_SECONDS - 1
    assert not queue.refuse_late()
    (later,) = _long(queue, "a")
    clock.now += 2
    assert queue.refuse_late()
    assert isinstance(waiting.requests[0].error, WaitedTooLong)
    assert queue.take().channel is waiting
    assert later.requests[0].error is None
    assert queue.take() is None


def test_who_has_too_many_files_waiting_or_unread_is_refused(queue):
    (sending,) = _long(queue, "a")
    turn = queue.take()
    sending.total_outbufs_len = 1
    queue.give_back(turn)
    *waiting, refused = _long(queue, *"a" * MAX_FILES)
    assert [channel.requests[0].error for channel in waiting] == [None] * (MAX_FILES - 1)
    assert isinstance(refused.requests[0].error, TooManyWaiting)
    sending.total_outbufs_len = 0
    (again,) = _long(queue, "a")
    assert again.requests[0].error is None


def test_the_requests_of_one_asker_keep_their_order(queue):
    channels = [_channel("a") for _ in range(2)]
    for channel in channels:
        queue.append(channel)
    assert [queue.take().channel for _ in channels] == channels


def test_who_has_too_many_waiting_is_refused_and_others_are_not(queue):
    for _ in range(MAX_WAITING):
        queue.append(_channel("a"))
    refused, other = _channel("a"), _channel("b")
    queue.append(refused)
    queue.append(other)
    assert isinstance(refused.requests[0].error, TooManyWaiting)
    assert other.requests[0].error is None
    assert TooManyWaiting in _served(queue)


def test_what_waits_can_be_cancelled(queue):
    queue.append(_channel("a"))
    queue.popleft()
    assert len(queue) == 0
    assert queue.take() is None


@pytest.mark.parametrize(
    ("channel", "asker"),
    [
        (_channel(AUTHORIZATION="Bearer good"), "t_north"),
        (_channel(AUTHORIZATION="Bearer invented"), ("address", "10.0.0.1")),
        (_channel(), ("address", "10.0.0.1")),
        (_channel(X_FORWARDED_FOR="203.0.113.9"), ("address", "10.0.0.1")),
        (_channel(peer="127.0.0.1", X_FORWARDED_FOR="6.6.6.6, 203.0.113.9"), ("address", "203.0.113.9")),
        (_channel(peer="127.0.0.1"), ("address", "127.0.0.1")),
        (_channel(peer="2001:db8::1"), ("address", "2001:db8::/64")),
    ],
)
def test_a_request_is_the_companys_of_a_token_that_was_good_or_else_an_addresss(channel, asker):
    askers = Askers({"Bearer good": "t_north"}.get, trusted_proxy="127.0.0.1")
    assert askers.of(channel) == asker


def test_only_for_long_work_is_a_token_verified_that_has_not_come_before():
    channel = _channel(AUTHORIZATION="Bearer signed")
    askers = Askers({}.get, None, {"Bearer signed": "t_south"}.get)
    assert askers.of(channel, is_long=True) == "t_south"
    assert askers.of(channel) == ("address", "10.0.0.1")
