"""Every code that the server can answer with has a text in each language of the page."""

from __future__ import annotations

import ast
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "crmtenant"
TEXTS = ROOT / "frontend" / "src" / "locales"
# Programs and findings for operators, whose words nobody sees in the page.
NOT_ANSWERED = ("cli", "demo", "migrations", "serving", "worker", "services/doctor", "api/metrics.py")
CODE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Of the page itself: what it says where it knows no code, and codes with the number in the sentence.
OWN_TEXTS = {"any", "place", "refused"}
WITH_NUMBER = "_n"


def is_code(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(CODE.fullmatch(node.value))


def is_sentence(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str) and node.value.endswith((".", "{reason}"))
    return (isinstance(node, ast.Name) and node.id == "detail") or (
        isinstance(node, ast.JoinedStr) and ast.unparse(node).endswith(('."', ".'"))
    )


def followed_by_sentences(items: Sequence[ast.expr]) -> Iterator[str]:
    """The codes that a sentence for people stands behind, as in `FieldError(pointer, code, detail)`."""
    for code, detail in itertools.pairwise(items):
        if is_code(code) and is_sentence(detail):
            yield ast.literal_eval(code)


def codes_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        yield from followed_by_sentences(node.args)
        values = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
        yield from (ast.literal_eval(value) for value in values if is_code(value))
    if isinstance(node, ast.Tuple):
        yield from followed_by_sentences(node.elts)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and is_code(node.value):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if [ast.unparse(target) for target in targets] == ["code"]:
            yield ast.literal_eval(node.value)


@pytest.fixture(scope="module")
def codes() -> set[str]:
    """Every code in the server's source."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if not path.relative_to(SOURCE).as_posix().startswith(NOT_ANSWERED):
            for node in ast.walk(ast.parse(path.read_text())):
                found.update(codes_of(node))
    return found


def test_the_codes_are_found_however_they_are_written(codes: set[str]) -> None:
    assert codes >= {
        "not_found",  # of a class
        "email_taken",  # by keyword
        "invalid_email",  # of a field type
        "already_exists",  # of the database
        "unclosed_quote",  # of a row of a file
        "required",  # in a tuple
        "common_password",  # through a helper
        "internal_error",
    }


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_code_has_a_text(codes: set[str], language: str) -> None:
    texts = json.loads((TEXTS / language / "problems.json").read_text())
    named = {name.removesuffix(WITH_NUMBER) for name in texts} - OWN_TEXTS
    assert codes - named == set(), "without a text"
    assert named - codes == set(), "texts of no code"
    assert all(("{n}" in text) == name.endswith(WITH_NUMBER) for name, text in texts.items())
    assert texts.keys() >= OWN_TEXTS
