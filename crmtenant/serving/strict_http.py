"""Waitress with stricter parsing of HTTP, no patience with slow senders, and a graceful shutdown."""

from __future__ import annotations

import re
import select
import time
from collections.abc import Sequence
from functools import lru_cache, partial
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.utilities import build_http_date
from waitress.wasyncore import dispatcher

from crmtenant.serving.bounded_parser import BoundedParser
from crmtenant.serving.refusals import ProblemTask

#: uri-host [ ":" port ] (RFC 9110, section 7.2; RFC 3986, section 3.2.2)
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+,;=%-]*)(:[0-9]*)?")
#: A request's head has to be here within this time, and its body this much later plus what its length needs.
HEAD_SECONDS = 10
BODY_SECONDS = 20
SLOWEST_BYTES_PER_SECOND = 1024
#: So much that is not read yet, and no further request of the same connection is served.
MOST_UNREAD = 1 << 24
#: Places for new connections that are kept free by closing those that ask nothing.
FREE_PLACES = 50
#: Headers that waitress sets, or says something else beside.
_ADDED_TO = frozenset({"Connection", "Date", "Server"})


class StrictParser(BoundedParser):
    """Rejects requests whose framing is ambiguous, which allows request smuggling (RFC 9112, 6.3), and those that do
    not say to which host they go, or say two (RFC 9112, 3.2).

    waitress 3.0.2 answers smuggled requests; this can be removed with the release that does not.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the headers. Raises `ParsingError`."""
        try:
            super().parse_header(header_plus)
        except ValueError:  # a length of thousands of digits, or an address that is none
            raise ParsingError("The request line or a header is not valid") from None
        if self.version not in {"1.0", "1.1"}:
            raise ParsingError("HTTP version is not supported")
        codings = _values(header_plus, b"transfer-encoding")
        if codings and ("CONTENT_LENGTH" in self.headers or self.version == "1.0"):
            raise ParsingError("Transfer-Encoding is ambiguous in this request")
        if codings and codings != [b"chunked"]:
            raise ParsingError("Transfer-Encoding is not supported")
        self._take_host(len(_values(header_plus, b"host")))

    def _take_host(self, count: int) -> None:
        if count > 1 or (count == 0 and self.version == "1.1"):
            raise ParsingError("Exactly one Host is required")
        if self.proxy_scheme or self.proxy_netloc:
            # The absolute form of an address: its host counts, whatever the header says (RFC 9112, 3.2.2).
            if self.proxy_scheme.lower() not in {"http", "https"} or not self.proxy_netloc:
                raise ParsingError("The address is not valid")
            self.headers["HOST"] = self.proxy_netloc
        elif not self.path.startswith("/") and (self.command, self.path) != ("OPTIONS", "*"):
            raise ParsingError("The address is not valid")
        if not _AUTHORITY.fullmatch(self.headers.get("HOST", "")):
            raise ParsingError("The Host is not valid")


def _values(header: bytes, wanted: bytes) -> list[bytes]:
    fields = (line.partition(b":") for line in header.lower().split(b"\r\n")[1:])
    return [value.strip(b" \t") for name, _, value in fields if name == wanted]


class DrainingTask(WSGITask):
    """Answers in one piece where it can, and tells the client to close the connection after this response once the
    server is stopping."""

    wrote_header: bool
    _may_close = True

    def write(self, data: bytes) -> None:
        """Write the data, and the headers in one piece with the first of it."""
        if data and self.complete and not self.wrote_header and self.has_body:
            self.channel.begin_with(self.build_response_header())
            self.wrote_header = True
        super().write(data)

    def build_response_header(self) -> bytes:
        """Return the status line and the headers."""
        is_last = len(self.channel.requests) <= 1  # pipelined requests are answered first
        if self.channel.server.is_draining and is_last:
            self.request.headers["CONNECTION"] = "close"
        if self._is_plain():
            return self._plain_header()
        # waitress would close after every response without Content-Length. One that can have no body needs none.
        self._may_close = self.has_body or self._is_to_be_closed()
        header: bytes = super().build_response_header()
        self._may_close = True
        return header

    def set_close_on_finish(self) -> None:
        """Close the connection after this response, unless the response ends by itself."""
        if self._may_close:
            super().set_close_on_finish()

    def _is_plain(self) -> bool:
        """Return whether waitress would add nothing but the date to the headers, after spelling and sorting them anew."""
        names = {name for name, _ in self.response_headers}
        return (
            self.version == "1.1"
            and "CONNECTION" not in self.request.headers
            and self.has_body
            and "Content-Length" in names
            and names.isdisjoint(_ADDED_TO)
        )

    def _plain_header(self) -> bytes:
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.response_headers])
        return f"HTTP/1.1 {self.status}\r\n{lines}Date: {_http_date(int(self.start_time))}\r\n\r\n".encode(
            "latin-1"
        )

    def _is_to_be_closed(self) -> bool:
        wish = self.request.headers.get("CONNECTION", "").lower()
        return bool(self.version != "1.1" or wish == "close")


@lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    date: str = build_http_date(second)
    return date


class StrictChannel(HTTPChannel):
    """A client's connection."""

    parser_class = StrictParser
    task_class = DrainingTask
    error_task_class = ProblemTask
    #: when the request that is being received began, or else the last one was received whole
    waiting_since = 0.0
    _beginning = b""
    # since when an answer has waited to be read, and how long it was then
    _unread: tuple[float, int] | None = None

    def received(self, data: bytes) -> bool:
        """Read what the client sent."""
        before = self.request
        is_read: bool = super().received(data)
        if self.request is None or self.request is not before:
            self.waiting_since = time.time()
        return is_read

    def begin_with(self, header: bytes) -> None:
        """Send this before what is written next, and in one piece with it."""
        self._beginning = header

    def write_soon(self, data: Any) -> int:
        """Send what the system takes at once and buffer the rest. Returns the number of bytes taken."""
        if self._beginning and data:
            beginning, self._beginning = self._beginning, b""
            if not isinstance(data, bytes):
                super().write_soon(beginning)
            else:
                data = beginning + data
        sent = self._send_now(data) if isinstance(data, bytes) else 0
        super().write_soon(data[sent:] if sent else data)
        return len(data)

    def _send_now(self, data: bytes) -> int:
        if self.total_outbufs_len or not self.connected:
            return 0
        with self.outbuf_lock:
            sent, _ = self._flush_exception(partial(self.send, data), do_close=False)
        return int(sent)

    def is_too_slow(self, now: float) -> bool:
        """Return whether the request that is being received should be here by `now`, a value of `time.time`."""
        request = self.request
        if request is None:
            return False
        allowed = HEAD_SECONDS
        if request.headers_finished:
            allowed += BODY_SECONDS + request.body_bytes_received / SLOWEST_BYTES_PER_SECOND
        return bool(now - self.waiting_since > allowed)

    def service(self) -> None:
        """Serve the first request, unless the client does not read what the ones before were answered."""
        if self.total_outbufs_len > MOST_UNREAD:
            self.cancel()
        else:
            super().service()

    def _flush_outbufs_below_high_watermark(self) -> None:
        """Wait for nobody: what a client is slow to read is kept in a file."""

    def check_client_disconnected(self) -> bool:
        """Return whether the client has left or will send no more. The application asks, in any thread."""
        try:
            return not self.connected or bool(_poll_of(self.socket).poll(0))
        except (OSError, ValueError):  # closed in this moment
            return True

    def reads_too_slowly(self, now: float) -> bool:
        """Return whether more of the answer should have been taken by `now`, a value of `time.time`."""
        if self.requests or not self.total_outbufs_len:
            self._unread = None
            return False
        since, length = self._unread = self._unread or (now, self.total_outbufs_len)
        taken = length - self.total_outbufs_len
        return bool(now - since > BODY_SECONDS + taken / SLOWEST_BYTES_PER_SECOND)

    @property
    def is_busy(self) -> bool:
        """Whether a complete request is waiting, running, or not fully answered yet."""
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)


def _poll_of(socket: Any) -> select.poll:
    poll = select.poll()
    poll.register(socket, select.POLLRDHUP)
    return poll


class Listener(TcpWSGIServer):
    """A listening socket and its connections."""

    channel_class = StrictChannel
    is_draining = False
    #: of the responses that the application has no part in
    headers_of_errors: Sequence[tuple[str, str]] = ()

    def pull_trigger(self) -> None:
        """End a poll of another thread, so that it sees what this thread has changed."""
        if not self.task_dispatcher.is_led_by_me():
            super().pull_trigger()

    def readable(self) -> bool:
        """Return whether a new connection can be accepted."""
        if len(self._map) >= self.adj.connection_limit - FREE_PLACES:
            self._make_room()
        return bool(super().readable())

    def maintenance(self, now: float) -> None:
        """Close the connections that have been idle, or receiving one request, for too long."""
        super().maintenance(now)
        self.task_dispatcher.refuse_late()
        for channel in self.active_channels.values():
            if channel.is_too_slow(now) or channel.reads_too_slowly(now):
                channel.will_close = True

    def _make_room(self) -> None:
        """Close the connections that have waited longest without asking anything."""
        idle = [channel for channel in self.active_channels.values() if not channel.is_busy]
        for channel in sorted(idle, key=lambda channel: channel.waiting_since)[:FREE_PLACES]:
            channel.will_close = True

    def stop_accepting(self) -> None:
        """Accept the connections that are already established, and close the listening socket."""
        count = -1
        while count != len(self.active_channels):
            count = len(self.active_channels)
            self.handle_accept()
        self.is_draining = True
        dispatcher.close(
            self
        )  # not self.close(), which would close the trigger that the worker threads still use

    def close_idle(self, before: float) -> None:
        """Close the connections that have been idle since `before`, a value of `time.time`."""
        for channel in list(self.active_channels.values()):
            if not channel.is_busy and channel.last_activity < before:
                channel.handle_close()
