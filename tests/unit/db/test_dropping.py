"""There is one way to drop a company's database, and it asks the database what it is."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import crmtenant

ROOT = Path(crmtenant.__file__).parent
#: Who drops databases: of companies, scratch copies of a template, templates, and what a recovery left of a catalog.
DROPPERS = {
    # One whose drop was interrupted, which nobody can read any more.
    ("db/admin/provisioning.py", "_ensure_copy"),
    ("db/admin/provisioning.py", "drop_database"),
    # What a killed migration was copying, if it is the same company's.
    ("db/admin/provisioning.py", "_drop_unfinished_copy"),
    ("db/admin/scratch.py", "scratch_copy"),
    ("db/admin/installation.py", "ensure_template"),
    ("db/admin/installation.py", "remove"),
    # Only one that says that it is being recovered; any other catalog is renamed and kept.
    ("db/admin/installation.py", "_make_fenced"),
    ("db/admin/installation.py", "_put_aside"),
}


def _functions() -> Iterator[tuple[str, ast.FunctionDef]]:
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef):
                yield path.relative_to(ROOT).as_posix(), node


def _drops(function: ast.FunctionDef) -> bool:
    """Return whether it calls `statements.drop`, under whatever name it was imported."""
    calls = (node.func for node in ast.walk(function) if isinstance(node, ast.Call))
    return any(
        (isinstance(called, ast.Attribute) and ast.unparse(called) == "statements.drop")
        or (isinstance(called, ast.Name) and called.id == "drop")
        for called in calls
    )


def _sql(path: Path) -> Iterator[str]:
    """The texts in a module that are no docstrings, in upper case, without double blanks."""
    tree = ast.parse(path.read_text())
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield " ".join(node.value.upper().split())


def test_one_statement_drops_databases():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if any("DROP DATABASE" in text or "DROPDB" in text for text in _sql(path))
    }
    assert found == {"db/admin/statements.py"}


def test_only_these_drop_and_none_of_them_a_companys_database_unasked():
    assert {(path, function.name) for path, function in _functions() if _drops(function)} == DROPPERS


def test_whoever_drops_a_companys_database_says_what_he_believes_it_is():
    for path, function in _functions():
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".drop_database"):
                assert len(node.args) == 2, f"{path}: {ast.unparse(node)}"
