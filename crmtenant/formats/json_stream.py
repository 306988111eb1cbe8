"""The entries of a JSON file one at a time: however long the file is, little of it is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import TextIOBase
from typing import Any

from crmtenant.errors import Malformed
from crmtenant.formats.strict_json import STRICT

LONGEST_ENTRY = 1 << 20
"""Characters. A contact with everything it may have is shorter."""

_TOO_LONG = f"an entry has more than {LONGEST_ENTRY} characters"
_SPACE = re.compile(r"[ \t\n\r]*")


def entries_of(text: TextIOBase) -> Iterator[Any]:
    """The entries of a JSON array, or of the array `items` of an object, whose other members are passed over.

    Errors: `Malformed` for what is no JSON (RFC 8259, and no name twice), when the reading comes there.
    """
    window = _Window(text)
    mark = window.take("[{")
    yield from _elements(window) if mark == "[" else _items(window)
    window.end()


def _elements(window: _Window) -> Iterator[Any]:
    """What stands in an array, of which the opening bracket is read, to the closing one."""
    if window.peek() == "]":
        window.take("]")
        return
    yield window.value()
    while window.take(",]") == ",":
        yield window.value()


def _items(window: _Window) -> Iterator[Any]:
    """The elements of `items` in an object, of which the opening brace is read, to the closing one."""
    names: set[str] = set()
    mark = window.take("}") if window.peek() == "}" else ","
    while mark == ",":
        name = window.name()
        if name in names:
            raise _no_json("the same name stands twice in one object")
        names.add(name)
        if name == "items":
            window.take("[")
            yield from _elements(window)
        else:
            window.value()
        mark = window.take(",}")
    if "items" not in names:
        raise _no_json('it is an object without "items"')


class _Window:
    """The part of a text that is being read: never less than an entry's length, while the text lasts."""

    def __init__(self, text: TextIOBase) -> None:
        self._text = text
        self._part = ""
        self._at = 0
        self._is_last = False

    def peek(self) -> str:
        """The next character that is no space, or nothing at the end."""
        while True:
            self._fill()
            self._at = _SPACE.match(self._part, self._at).end()  # type: ignore[union-attr]  # it matches nothing too
            if self._at < len(self._part) or self._is_last:
                return self._part[self._at : self._at + 1]

    def take(self, marks: str) -> str:
        """The next character, one of these."""
        found = self.peek()
        if not found or found not in marks:
            raise _no_json(f"{' or '.join(marks)} is expected, not {found or 'the end'}")
        self._at += 1
        return found

    def name(self) -> str:
        """The name of a member, its colon read too."""
        if self.peek() != '"':
            raise _no_json("a member of an object begins with its name")
        name: str = self.value()
        self.take(":")
        return name

    def value(self) -> Any:
        """The next value whole."""
        self.peek()
        self._fill()
        try:
            value, end = STRICT.raw_decode(self._part, self._at)
        except RecursionError:
            raise Malformed("The JSON is nested too deeply.", code="invalid_json") from None
        except json.JSONDecodeError as problem:
            raise _no_json(problem.msg if self._is_last else f"{problem.msg}, or {_TOO_LONG}") from None
        except ValueError as problem:
            raise _no_json(str(problem)) from None
        if end - self._at > LONGEST_ENTRY:
            raise _no_json(_TOO_LONG)
        self._at = end
        return value

    def end(self) -> None:
        """Nothing comes back; `Malformed` when there is more."""
        if self.peek():
            raise _no_json("something stands behind its end")

    def _fill(self) -> None:
        if self._is_last or len(self._part) - self._at >= LONGEST_ENTRY:
            return
        try:
            more = self._text.read(2 * LONGEST_ENTRY)
        except UnicodeDecodeError:
            raise Malformed("The file is not UTF-8.", code="invalid_json") from None
        self._part, self._at, self._is_last = self._part[self._at :] + more, 0, not more


def _no_json(why: str) -> Malformed:
    return Malformed(f"The file is not JSON of contacts: {why}.", code="invalid_json")
