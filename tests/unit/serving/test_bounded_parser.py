"""What waitress would take long to read is refused, or read without more ado."""

from __future__ import annotations

import pytest
from waitress.adjustments import Adjustments

from crmtenant.serving.strict_http import StrictParser

ADJUSTMENTS = Adjustments(listen="127.0.0.1:0", max_request_header_size=16_384)
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = 8192


def _parsed(data: bytes) -> tuple[StrictParser, int]:
    """What has become of the data, sent in pieces, and how many pieces were read."""
    parser, pieces = StrictParser(ADJUSTMENTS), 0
    while data and not parser.completed:
        pieces += 1
        piece, data = data[:PIECE], data[PIECE:]
        while piece and not parser.completed:
            piece = piece[parser.received(piece) :]
    return parser, pieces


@pytest.mark.parametrize("gap", [b" " * 16_000, b"\t" * 16_000, b" \t" * 8000])
@pytest.mark.parametrize("around", [(b"X:", b"a"), (b"X: a", b"b"), (b"X: a", b"")])
def test_a_head_with_a_long_gap_is_refused(gap: bytes, around: tuple[bytes, bytes]) -> None:
    parser, _ = _parsed(HEAD + around[0] + gap + around[1] + b"\r\n\r\n")
    assert parser.error.code == 400


@pytest.mark.parametrize("value", [b"a  b\tc", b" " * 40 + b"a", b"a" + b" b" * 5000])
def test_other_white_space_is_read(value: bytes) -> None:
    parser, _ = _parsed(HEAD + b"X: " + value + b"\r\nContent-Length: 0\r\n\r\n")
    assert parser.error is None
    assert parser.headers["X"] == value.strip().decode()


@pytest.mark.parametrize(
    "chunks",
    [
        b"1\r\na\r\n" * 1_000_000,
        b"\r\n" * 1_000_000,
        b"4;" + b"x" * 1_000_000,
        b"0\r\n" + b"T: x\r\n" * 500_000,
    ],
    ids=["tiny chunks", "blank lines", "a long extension", "a long trailer"],
)
def test_what_is_hardly_anything_but_framing_is_refused_early(chunks: bytes) -> None:
    parser, pieces = _parsed(CHUNKED + chunks)
    assert parser.error.code == 400
    assert pieces < 20


def test_chunks_as_clients_send_them_are_read() -> None:
    lines = b"".join(b"3c\r\n" + b"x" * 60 + b"\r\n" for _ in range(20_000))
    parser, _ = _parsed(CHUNKED + lines + b"0\r\nDigest: x\r\n\r\n")
    assert parser.error is None
    assert parser.completed
    assert parser.headers["CONTENT_LENGTH"] == str(60 * 20_000)
    parser.close()


def test_blank_lines_before_a_request_make_no_request() -> None:
    parser = StrictParser(ADJUSTMENTS)
    assert parser.received(b"\r\n" * 100) == 200
    assert not parser.completed
    assert parser.received(b"\r\n" + HEAD + b"\r\n") == 2 + len(HEAD) + 2
    assert parser.completed
    assert not parser.empty
