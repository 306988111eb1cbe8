"""No regular expression can be made to take long, whatever is sent (ReDoS)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time

import pytest

import crmtenant.formats
import crmtenant.schemas
import crmtenant.text
from crmtenant import ids

#: Enough for a slow machine, and a tenth of what squaring the letters would take.
LONGEST_SECONDS = 0.02
SIZE = 10_000

ATTACKS = {
    "letters": "a" * SIZE,
    "letters then a quote": "a" * SIZE + "!",
    "digits": "1" * SIZE + "!",
    "digits apart": "1 " * (SIZE // 2) + "!",
    "phone with extensions": "1 x1" * (SIZE // 4),
    "hyphens": "1-" * (SIZE // 2) + "\n",
    "dots": "a." * (SIZE // 2) + "@",
    "at signs": "@" * SIZE,
    "e-mail": "a@" + "a." * (SIZE // 2),
    "schemes": "a:" * (SIZE // 2),
    "slashes": "//" * (SIZE // 2),
    "commas": "FREQ=DAILY;" + "MO," * (SIZE // 3),
    "numbers": "1," * (SIZE // 2),
    "signs": "+-" * (SIZE // 2),
    "dates": "2026-11-23T" * (SIZE // 11),
    "marks": "e" + "\u0301" * SIZE,
    "vowel signs": "\u093f" * SIZE + "!",
    "ideographs": "山a" * (SIZE // 2),
    "invisible": "\u200b" * SIZE + "x",
    "white space": " " * SIZE + "x",
    "controls": "\x01" * SIZE,
    "hashes": "#" * SIZE,
    "opaque": "u_" + "a" * SIZE,
}


def _modules():
    """Every module that reads what clients send."""
    for package in (crmtenant.schemas, crmtenant.formats, crmtenant.text):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            yield importlib.import_module(found.name)


def patterns():
    """Every compiled expression of the modules that read what clients send, each in the ways it is used."""
    for module in (*_modules(), ids):
        for name, value in vars(module).items():
            for pattern in value.values() if isinstance(value, dict) else [value]:
                if isinstance(pattern, re.Pattern):
                    uses = ways_of_use(name, inspect.getsource(module))
                    yield pytest.param(pattern, uses, id=f"{module.__name__}.{name}")


def ways_of_use(name, source):
    """The methods called on the pattern of this name; all when they cannot be told from the source."""
    called = {use for use in USES if re.search(rf"\b{name}(\[\w+\])?\.{use}\b", source)}
    return sorted(called) or sorted(USES)


USES = {
    "match": lambda pattern, text: pattern.match(text),
    "fullmatch": lambda pattern, text: pattern.fullmatch(text),
    "search": lambda pattern, text: pattern.search(text),
    "sub": lambda pattern, text: pattern.sub("", text),
    "split": lambda pattern, text: pattern.split(text),
    "findall": lambda pattern, text: pattern.findall(text),
    "finditer": lambda pattern, text: list(pattern.finditer(text)),
}


@pytest.mark.parametrize(("pattern", "uses"), list(patterns()))
def test_an_expression_is_quick_on_anything(pattern, uses):
    for use in uses:
        for name, text in ATTACKS.items():
            # Our own time on the processor, the best of three: a busy machine is not blamed on us.
            assert min(_seconds(USES[use], pattern, text) for _ in range(3)) < LONGEST_SECONDS, (use, name)


def _seconds(use, pattern, text):
    before = time.thread_time()
    use(pattern, text)
    return time.thread_time() - before


def test_the_expressions_are_found():
    assert len(list(patterns())) > 20
