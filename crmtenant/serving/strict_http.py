"""Waitress with a stricter reading of HTTP, and an end that loses no request."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.wasyncore import dispatcher


class StrictParser(HTTPRequestParser):
    """Refuses what two readers may frame differently, which is how requests are smuggled (RFC 9112, 6.3).

    waitress 3.0.2 answers the smuggled request; this can go with the release that does not.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Nothing comes back; the request's first line and headers are read. Raises `ParsingError`."""
        super().parse_header(header_plus)
        if self.version not in {"1.0", "1.1"}:
            raise ParsingError("HTTP version is not supported")
        codings = _transfer_encodings(header_plus)
        if codings and ("CONTENT_LENGTH" in self.headers or self.version == "1.0"):
            raise ParsingError("Transfer-Encoding is ambiguous here")
        if codings and codings != [b"chunked"]:
            raise ParsingError("Transfer-Encoding is not supported")


def _transfer_encodings(header: bytes) -> list[bytes]:
    fields = (line.partition(b":") for line in header.lower().split(b"\r\n")[1:])
    return [value.strip(b" \t") for name, _, value in fields if name == b"transfer-encoding"]


class DrainingTask(WSGITask):
    """Tells the client that a connection ends with this answer, once the server is about to stop."""

    def build_response_header(self) -> bytes:
        """The bytes before the body."""
        is_last = len(self.channel.requests) <= 1  # pipelined requests come before the end
        if self.channel.server.is_draining and is_last:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class StrictChannel(HTTPChannel):
    """One connection."""

    parser_class = StrictParser
    task_class = DrainingTask

    @property
    def is_busy(self) -> bool:
        """Whether a whole request waits, is worked on, or its answer is not sent yet."""
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)


class Listener(TcpWSGIServer):
    """One listening socket and the connections that came through it."""

    channel_class = StrictChannel
    is_draining = False

    def stop_accepting(self) -> None:
        """Nothing comes back; connections the system already accepted for us are ours, no more will come."""
        known = -1
        while known != len(self.active_channels):
            known = len(self.active_channels)
            self.handle_accept()
        self.is_draining = True
        dispatcher.close(self)  # not our own close(), for the workers still wake us by its trigger

    def close_quiet(self, before: float) -> None:
        """Nothing comes back; connections with nothing to do since `before` (of time.time()) are closed."""
        for channel in list(self.active_channels.values()):
            if not channel.is_busy and channel.last_activity < before:
                channel.handle_close()
