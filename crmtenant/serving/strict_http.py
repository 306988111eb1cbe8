"""Waitress with stricter parsing of HTTP and a graceful shutdown."""

from __future__ import annotations

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask
from waitress.wasyncore import dispatcher


class StrictParser(HTTPRequestParser):
    """Rejects requests whose framing is ambiguous, which allows request smuggling (RFC 9112, 6.3).

    waitress 3.0.2 answers smuggled requests; this can be removed with the release that does not.
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the headers. Raises `ParsingError`."""
        super().parse_header(header_plus)
        if self.version not in {"1.0", "1.1"}:
            raise ParsingError("HTTP version is not supported")
        codings = _transfer_encodings(header_plus)
        if codings and ("CONTENT_LENGTH" in self.headers or self.version == "1.0"):
            raise ParsingError("Transfer-Encoding is ambiguous in this request")
        if codings and codings != [b"chunked"]:
            raise ParsingError("Transfer-Encoding is not supported")


def _transfer_encodings(header: bytes) -> list[bytes]:
    fields = (line.partition(b":") for line in header.lower().split(b"\r\n")[1:])
    return [value.strip(b" \t") for name, _, value in fields if name == b"transfer-encoding"]


class DrainingTask(WSGITask):
    """Tells the client to close the connection after this response once the server is stopping."""

    def build_response_header(self) -> bytes:
        """Return the status line and the headers."""
        is_last = len(self.channel.requests) <= 1  # pipelined requests are answered first
        if self.channel.server.is_draining and is_last:
            self.request.headers["CONNECTION"] = "close"
        header: bytes = super().build_response_header()
        return header


class StrictChannel(HTTPChannel):
    """A client's connection."""

    parser_class = StrictParser
    task_class = DrainingTask

    @property
    def is_busy(self) -> bool:
        """Whether a complete request is waiting, running, or not fully answered yet."""
        return bool(self.requests or self.total_outbufs_len or self.close_when_flushed)


class Listener(TcpWSGIServer):
    """A listening socket and its connections."""

    channel_class = StrictChannel
    is_draining = False

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
