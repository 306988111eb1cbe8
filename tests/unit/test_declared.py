"""What is imported is declared: nothing is there only because something else happens to bring it."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"crmtenant", "tests", "bench", "build_page", "generated"}
#: packages that several distributions fill, so that only their parts say which one is meant
SHARED = {"zope"}
PAGE_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*['"]([@\w.][\w@./:-]*)['"]""")


def setup() -> ast.Module:
    return ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))


def listed(name: str) -> list[str]:
    """A list of words that setup.py assigns to this name."""
    for node in setup().body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            words: list[str] = ast.literal_eval(node.value)
            return words
    raise LookupError(name)


def declared(*lists: str) -> set[str]:
    """The distributions of these lists, as PyPI spells them."""
    return {normal(requirement.partition("==")[0]) for name in lists for requirement in listed(name)}


def normal(name: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(files: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """The foreign packages that files import, and where."""
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            for name in names:
                top, _, rest = name.partition(".")
                if top not in OURS | sys.stdlib_module_names:
                    yield (
                        f"{top}.{rest.partition('.')[0]}" if top in SHARED else top,
                        str(file.relative_to(ROOT)),
                    )


def undeclared(files: Iterable[Path], known: set[str]) -> dict[str, str]:
    """The packages imported that no declared distribution brings, each with a file."""
    distributions = packages_distributions()
    found = {}
    for package, file in imported(files):
        bringing = [package] if "." in package else distributions.get(package, [package])
        if known.isdisjoint(map(normal, bringing)):
            found[package] = file
    return found


def test_the_requirements_have_what_the_package_imports() -> None:
    assert undeclared((ROOT / "crmtenant").rglob("*.py"), declared("RUNTIME")) == {}


def test_the_test_requirements_have_what_the_tests_import() -> None:
    files = [path for name in ("tests", "bench") for path in (ROOT / name).rglob("*.py")]
    assert undeclared(files, declared("RUNTIME", "TEST")) == {}


def test_what_is_not_declared_is_found(tmp_path: Path) -> None:
    file = ROOT / "tests" / "unit" / "test_declared.py"
    assert undeclared([file], set()) == {"pytest": "tests/unit/test_declared.py"}


def page_packages(text: str) -> set[str]:
    """The npm packages that a file of the page imports."""
    found = (name for name in PAGE_IMPORT.findall(text) if not re.match(r"[./]|@/|node:|virtual:", name))
    return {"/".join(name.split("/")[: 2 if name.startswith("@") else 1]) for name in found}


def test_the_page_declares_what_it_imports() -> None:
    frontend = ROOT / "frontend"
    package = json.loads((frontend / "package.json").read_text(encoding="utf-8"))
    known = package["dependencies"].keys() | package["devDependencies"].keys()
    files = [path for path in (frontend / "src").rglob("*") if path.suffix in {".ts", ".vue", ".css"}]
    wanted = {name: path.name for path in files for name in page_packages(path.read_text(encoding="utf-8"))}
    assert {name: file for name, file in wanted.items() if name not in known} == {}
    assert {"@iconify/vue", "vue"} <= wanted.keys()


def test_the_lock_file_has_what_the_page_declares() -> None:
    frontend = ROOT / "frontend"
    package = json.loads((frontend / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((frontend / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for kind in ("dependencies", "devDependencies"):
        assert locked[""][kind] == package[kind]
        for name, version in package[kind].items():
            assert locked[f"node_modules/{name}"]["version"] == version


@pytest.mark.parametrize("name", ["author", "author_email", "url", "project_urls", "classifiers", "keywords"])
def test_the_metadata_are_complete(name: str) -> None:
    (call,) = [
        node.value
        for node in setup().body
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "setup"
    ]
    assert name in {keyword.arg for keyword in call.keywords}


def test_no_licence_has_been_chosen_and_that_is_said() -> None:
    assert "No licence has been chosen yet" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert "Private :: Do Not Upload" in listed("CLASSIFIERS")
    assert list(ROOT.glob("LICEN*")) == []
