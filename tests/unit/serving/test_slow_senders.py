"""How long a request may take to arrive."""

from types import SimpleNamespace

import pytest

from crmtenant.serving.strict_http import (
    BODY_SECONDS,
    HEAD_SECONDS,
    SLOWEST_BYTES_PER_SECOND,
    StrictChannel,
)

MEGABYTE = 1 << 20


@pytest.mark.parametrize(
    ("headers_finished", "body_bytes", "allowed_seconds"),
    [
        (False, 0, HEAD_SECONDS),
        (True, 0, HEAD_SECONDS + BODY_SECONDS),
        (True, MEGABYTE, HEAD_SECONDS + BODY_SECONDS + MEGABYTE / SLOWEST_BYTES_PER_SECOND),
    ],
)
def test_a_request_has_to_arrive_in_time_for_its_length(headers_finished, body_bytes, allowed_seconds):
    request = SimpleNamespace(headers_finished=headers_finished, body_bytes_received=body_bytes)
    channel = SimpleNamespace(request=request, waiting_since=1000)
    assert not StrictChannel.is_too_slow(channel, now=1000 + allowed_seconds)
    assert StrictChannel.is_too_slow(channel, now=1001 + allowed_seconds)


def test_a_connection_that_asks_nothing_is_not_slow():
    assert not StrictChannel.is_too_slow(SimpleNamespace(request=None, waiting_since=0), now=1e9)
