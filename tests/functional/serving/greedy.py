"""Companies that ask for all that is dear, without pause, from several connections."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from collections.abc import Sequence
from itertools import cycle

from tests.functional.serving.processes import Working

FORM = b'--b\r\nContent-Disposition: form-data; name="file"; filename="x.csv"\r\n\r\n'
PEOPLE = b"Name;Email\n" + b"".join(b"Anna %d;anna%d@x.org\n" % (n, n) for n in range(1500))
#: method, path, media type, body
DEAR: Sequence[tuple[str, str, str, bytes]] = (
    ("POST", "/api/contacts/import?dry_run=true", "text/csv", PEOPLE),
    ("GET", "/api/contacts/export?format=vcard", "", b""),
    ("GET", "/api/company/export", "", b""),
    ("POST", "/api/contacts/preview", "text/csv", b"Name\nAnna\n" + b"\n" * 2_000_000),
    (
        "POST",
        "/api/contacts/import",
        "multipart/form-data; boundary=b",
        FORM + b"Name\n" + b"a\n" * 9_000_000 + b"\r\n--b--\r\n",
    ),
    ("POST", "/api/contacts/import", "text/vcard", b"BEGIN:VCARD\nNOTE;QUOTED-PRINTABLE:" + b"=\n" * 900_000),
    ("POST", "/api/contacts", "application/json", b'{"tags":[' + b"1," * 3_000_000 + b"1]}"),
    ("GET", "/api/contacts?limit=1000", "", b""),
)


class Greedy:
    """Asks while the frame lasts, every company over `connections` of its own."""

    def __init__(self, port: int, companies: Sequence[Working], connections: int) -> None:
        self._port = port
        self._is_over = threading.Event()
        self.statuses: Counter[int] = Counter()
        self._threads = [
            threading.Thread(target=self._work, args=(company, number))
            for company in companies
            for number in range(connections)
        ]

    def __enter__(self) -> Greedy:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, company: Working, number: int) -> None:
        first = number % len(DEAR)
        for request in cycle((*DEAR[first:], *DEAR[:first])):
            if self._is_over.is_set():
                return
            self.statuses[self._ask(company, *request)] += 1

    def _ask(self, company: Working, method: str, path: str, media_type: str, body: bytes) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=180)
        try:
            headers = {**company.headers, "Content-Type": media_type}
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except ConnectionError:  # refused before it was read to its end
            return 0
        finally:
            connection.close()


def waits(port: int, company: Working, seconds: float) -> list[float]:
    """How long a company waits that asks for one list after the other; each has to be answered."""
    found = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        begun_at = time.monotonic()
        connection.request("GET", "/api/contacts?limit=50", headers=company.headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        found.append(time.monotonic() - begun_at)
    connection.close()
    return found
