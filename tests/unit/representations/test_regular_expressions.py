"""No regular expression can be made to take long, whatever is sent (ReDoS)."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time

import pytest

import crmtenant.representations
from crmtenant.services import recurrence, search

LONGEST_SECONDS = 0.005
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


def patterns():
    """Every compiled expression of the modules that read what clients send."""
    names = [module.name for module in pkgutil.iter_modules(crmtenant.representations.__path__)]
    modules = [importlib.import_module(f"crmtenant.representations.{name}") for name in names]
    for module in (*modules, recurrence, search, importlib.import_module("crmtenant.models.ids")):
        held = dict(vars(module)) | {
            f"_PARTS[{key}]": part for key, part in getattr(module, "_PARTS", {}).items()
        }
        for name, value in held.items():
            if isinstance(value, re.Pattern):
                yield pytest.param(value, id=f"{module.__name__}.{name}")


@pytest.mark.parametrize("pattern", list(patterns()))
def test_an_expression_is_quick_on_anything(pattern):
    for name, text in ATTACKS.items():
        for use in (pattern.match, pattern.fullmatch, pattern.search):
            # The best of three, so that a machine busy with something else is not blamed on us.
            assert min(_seconds(use, text) for _ in range(3)) < LONGEST_SECONDS, name


def _seconds(use, text):
    before = time.perf_counter()
    use(text)
    return time.perf_counter() - before


def test_the_expressions_are_found():
    assert len(list(patterns())) > 20
