"""Read the entries of a JSON file one at a time, with little of the file in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from io import TextIOBase
from typing import Any

from crmtenant.errors import Malformed
from crmtenant.formats.strict_json import STRICT, separators

LONGEST_ENTRY = 1 << 20
"""Characters. The largest possible contact is shorter."""

MOST_MEMBERS = 100
"""Of the object that has the entries."""
FREE = 1 << 16
SHORTEST_VALUES = 5
"""Characters of a value on the average, in an entry longer than `FREE` or what follows it."""

_TOO_LONG = f"an entry has more than {LONGEST_ENTRY} characters"
_SPACE = re.compile(r"[ \t\n\r]*")


def entries_of(text: TextIOBase) -> Iterator[Any]:
    """Yield the entries of a JSON array, or of the array `items` of an object; its other members are skipped.

    Raises:
        Malformed: when it comes to something that is not JSON (RFC 8259), to a repeated name, or to very many values
            with hardly anything in them.
    """
    window = _Window(text)
    mark = window.take("[{")
    yield from _elements(window) if mark == "[" else _items(window)
    window.end()


def _elements(window: _Window) -> Iterator[Any]:
    """Yield the elements of an array up to its closing bracket; the opening one has been read."""
    if window.peek() == "]":
        window.take("]")
        return
    yield window.value()
    while window.take(",]") == ",":
        yield window.value()


def _items(window: _Window) -> Iterator[Any]:
    """Yield the elements of `items` in an object up to its closing brace; the opening one has been read."""
    names: set[str] = set()
    mark = window.take("}") if window.peek() == "}" else ","
    while mark == ",":
        name = window.name()
        if name in names:
            raise _not_json("an object has the same name twice")
        names.add(name)
        if len(names) > MOST_MEMBERS:
            raise _not_json(f"it has more than {MOST_MEMBERS} members beside its contacts")
        if name == "items":
            window.take("[")
            yield from _elements(window)
        else:
            window.value()
        mark = window.take(",}")
    if "items" not in names:
        raise _not_json('it is an object without "items"')


class _Window:
    """The part of a text that is being read: at least as long as an entry may be, until the text ends."""

    def __init__(self, text: TextIOBase) -> None:
        self._text = text
        self._part = ""
        self._at = 0
        self._is_last = False

    def peek(self) -> str:
        """Return the next character that is not white space, or an empty string at the end."""
        while True:
            self._fill()
            self._at = _SPACE.match(self._part, self._at).end()  # type: ignore[union-attr]  # it matches an empty string too
            if self._at < len(self._part) or self._is_last:
                return self._part[self._at : self._at + 1]

    def take(self, marks: str) -> str:
        """Consume and return the next character, which must be one of `marks`."""
        found = self.peek()
        if not found or found not in marks:
            raise _not_json(f"expected {' or '.join(marks)}, found {found or 'the end'}")
        self._at += 1
        return found

    def name(self) -> str:
        """Consume the name of a member and its colon; return the name."""
        if self.peek() != '"':
            raise _not_json("a member of an object must begin with its name")
        name: str = self.value()
        self.take(":")
        return name

    def value(self) -> Any:
        """Consume and return the next value."""
        self.peek()
        self._fill()
        try:
            value, end = self._decoded()
        except RecursionError:
            raise Malformed("The JSON is nested too deeply.", code="invalid_json") from None
        except json.JSONDecodeError as problem:
            raise _not_json(problem.msg if self._is_last else f"{problem.msg}, or {_TOO_LONG}") from None
        except ValueError as problem:
            raise _not_json(str(problem)) from None
        if end - self._at > LONGEST_ENTRY:
            raise _not_json(_TOO_LONG)
        self._at = end
        return value

    def _decoded(self) -> tuple[Any, int]:
        """Return the next value and where it ends. A long one is looked at first, for decoding it gives way to nobody."""
        start = self._part[self._at : self._at + FREE]
        with suppress(json.JSONDecodeError):
            value, length = STRICT.raw_decode(start)
            if length < len(start):
                return value, self._at + length
        rest = self._part[self._at :].encode("utf-8", "surrogatepass")
        if len(rest) > FREE and separators(rest) * SHORTEST_VALUES > len(rest):
            raise ValueError("it has very many values with hardly anything in them")
        return STRICT.raw_decode(self._part, self._at)

    def end(self) -> None:
        """Check that nothing follows; `Malformed` otherwise."""
        if self.peek():
            raise _not_json("there is something after its end")

    def _fill(self) -> None:
        if self._is_last or len(self._part) - self._at >= LONGEST_ENTRY:
            return
        try:
            more = self._text.read(LONGEST_ENTRY)
        except UnicodeDecodeError:
            raise Malformed("The file is not UTF-8.", code="invalid_json") from None
        self._part, self._at, self._is_last = self._part[self._at :] + more, 0, not more


def _not_json(why: str) -> Malformed:
    return Malformed(f"The file is not JSON with contacts: {why}.", code="invalid_json")
