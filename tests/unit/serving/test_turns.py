"""Whose turn it is."""

from types import SimpleNamespace

import pytest

from crmtenant.serving.strict_http import TooManyWaiting
from crmtenant.serving.turns import MAX_WAITING, Askers, TurnQueue


def _channel(asker="", *, peer="10.0.0.1", **headers):
    request = SimpleNamespace(error=None, headers=headers)
    return SimpleNamespace(asker=asker, addr=(peer, 1234), requests=[request])


@pytest.fixture
def queue():
    return TurnQueue(lambda channel: channel.asker, share=2)


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
    assert sorted(_served(queue)) == ["a", "a", "b"]
    assert len(queue) == 1
    queue.give_back("b")
    assert _served(queue) == []
    queue.give_back("a")
    assert _served(queue) == ["a"]


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
