"""What a view may not do: reach a database past its company or a service, or manage the cache of who may enter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import crmtenant

API = Path(crmtenant.__file__).parent / "api"


def catalog_uses(tree: ast.AST) -> Iterator[int]:
    """The lines that mention the catalog or the room of all databases."""
    for node in ast.walk(tree):
        name = getattr(node, "attr", getattr(node, "id", ""))
        if str(name).strip("_") in {"catalog", "databases"}:
            yield node.lineno


def cache_drops(tree: ast.AST) -> Iterator[int]:
    """The lines that drop what is cached."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr.startswith("forget"):
            yield node.lineno


@pytest.mark.parametrize("offences", [catalog_uses, cache_drops])
def test_views_leave_the_catalog_and_its_cache_to_services(offences):
    found = {
        f"{path.relative_to(API)}:{line}"
        for path in API.rglob("*.py")
        for line in offences(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set()


def test_the_law_sees_what_it_forbids():
    broken = "with self.platform.databases.catalog.begin() as s:\n    access.forget_user(s)\n"
    assert set(catalog_uses(ast.parse(broken))) == {1}
    assert list(cache_drops(ast.parse(broken))) == [2]
