"""Reading requests as they come in, where waitress sets no bounds: what is cheap to send must not be dear to read.

It happens in the thread that reads for everybody, before anybody is known.
"""

from __future__ import annotations

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.receiver import ChunkedReceiver
from waitress.utilities import BadRequest

LONGEST_CONTROL = 4096
"""Bytes. Of the line before a chunk, and of the trailer after the last; both are searched again whenever more comes."""
FREE_FRAMING = 65_536
CHUNK_TO_FRAMING = 8
"""So many times as long as the lines around them the chunks have to be on the average, beyond `FREE_FRAMING`."""
_LONGEST_GAP = b" " * 64
"""White space in a head. waitress's expression for a header takes a second for 16 kB of it."""


class BoundedParser(HTTPRequestParser):
    """Reads a request, each byte of it once."""

    def received(self, data: bytes) -> int:
        """Read the data and return how much of it belongs to this request, blank lines before it included."""
        if self.body_rcv is not None or self.header_plus:
            return self._received(data)
        # RFC 9112, section 2.2. waitress would make a request of each of them.
        blank = len(data) - len(data.lstrip(b"\r\n"))
        return blank + (self._received(data[blank:]) if blank < len(data) else 0)

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the request line and the headers. Raises `ParsingError`."""
        spaced = header_plus.replace(b"\t", b" ") if b"\t" in header_plus else header_plus
        if _LONGEST_GAP in spaced:
            raise ParsingError("The request line or a header is not valid")
        super().parse_header(header_plus)

    def _received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if isinstance(self.body_rcv, ChunkedReceiver) and not self.completed:
            self._bound(self.body_rcv)
        return consumed

    def _bound(self, chunks: ChunkedReceiver) -> None:
        framing = self.body_bytes_received - len(chunks)
        is_long = max(len(chunks.control_line), len(chunks.trailer)) > LONGEST_CONTROL
        if is_long or framing > FREE_FRAMING + len(chunks) / CHUNK_TO_FRAMING:
            self.error = BadRequest("The chunks are too small")
            self.completed = True
