"""The page is built once per version of its sources, and an installation works without it unless it is required."""

from __future__ import annotations

import gzip
import importlib.util
import os
import shutil
import stat
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

NPM = """#!/bin/sh
echo "$*" >> "{log}"
case "$1" in
  ping) exit {ping} ;;
  install) touch node_modules/.package-lock.json ;;
  run) test -z "$NODE_EXTRA_CA_CERTS" || echo "trusting $NODE_EXTRA_CA_CERTS" >> "{log}"
       mkdir -p ../crmtenant/page/assets
       head -c 5000 /dev/zero | tr '\\0' 'x' > ../crmtenant/page/assets/app-1.js
       echo page > ../crmtenant/page/index.html ;;
esac
"""


@pytest.fixture
def building(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """build_page.py over a small project of its own, with a node and an npm that say what they were asked."""
    spec = importlib.util.spec_from_file_location("build_page", ROOT / "build_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "frontend" / "node_modules").mkdir(parents=True)
    for name in ("index.html", "package.json", "package-lock.json"):
        (tmp_path / "frontend" / name).write_text("source")
    (tmp_path / "crmtenant").mkdir()
    monkeypatch.setattr(module, "SOURCE", tmp_path / "frontend")
    monkeypatch.setattr(module, "BUILT", tmp_path / "crmtenant" / "page")
    for name in ("CRMTENANT_PAGE", "PIP_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.delenv(name, raising=False)
    return module


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a node of a version, and an npm, first on PATH; answers what npm was asked so far."""
    log = tmp_path / "npm.log"

    def install(version: str = "v22.13.0", ping: int = 0) -> Any:
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        _program(programs / "node", f"#!/bin/sh\necho {version}\n")
        _program(programs / "npm", NPM.format(log=log, ping=ping))
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
        return lambda: [line.split()[0] for line in log.read_text().splitlines()] if log.exists() else []

    return install


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_the_page_is_built_with_compressed_files_beside_the_large_ones(building: Any, asked: Any) -> None:
    words = asked()
    building.ensure_page()
    assert words() == ["ping", "install", "run"]
    script = building.BUILT / "assets" / "app-1.js"
    assert gzip.decompress((building.BUILT / "assets" / "app-1.js.gz").read_bytes()) == script.read_bytes()
    assert not (building.BUILT / "index.html.gz").exists()


def test_the_same_sources_are_built_once_and_changed_ones_again(building: Any, asked: Any) -> None:
    words = asked()
    building.ensure_page()
    building.ensure_page()
    (building.SOURCE / "node_modules" / "of-npm.js").write_text("not ours")
    building.ensure_page()
    assert words() == ["ping", "install", "run"]
    (building.SOURCE / "index.html").write_text("changed")
    building.ensure_page()
    assert words() == ["ping", "install", "run", "run"]
    building.ensure_page()
    assert len(words()) == 4


def test_npm_installs_again_when_other_packages_are_wanted(building: Any, asked: Any) -> None:
    words = asked()
    building.ensure_page()
    lock = building.SOURCE / "package-lock.json"
    lock.write_text("others")
    later = lock.stat().st_mtime + 1
    os.utime(lock, (later, later))
    building.ensure_page()
    assert words() == ["ping", "install", "run"] * 2


def test_a_build_that_fails_is_not_taken_for_a_page(
    building: Any, asked: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    asked()
    (building.BUILT.parent / "page").write_text("in the way of the build")
    building.ensure_page()
    assert "npm could not build the page." in capfd.readouterr().err
    assert not building.is_current()


def test_npm_trusts_whom_pip_trusts(building: Any, asked: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    words = asked()
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/company.pem")
    building.ensure_page()
    assert "trusting" in words()


def test_without_a_registry_an_installation_goes_on_and_says_so(
    building: Any, asked: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    words = asked(ping=1)
    building.ensure_page()
    assert words() == ["ping"]
    assert "the npm registry cannot be reached. `make page` tries again." in capfd.readouterr().err
    assert building.main([]) == 1


def test_a_release_is_not_made_without_the_page(building: Any, asked: Any) -> None:
    asked(ping=1)
    with pytest.raises(building.NotBuilt, match="registry"):
        building.ensure_page({"CRMTENANT_PAGE": "required"})


def test_a_release_is_not_made_without_the_sources_of_the_page(building: Any, asked: Any) -> None:
    asked()
    shutil.rmtree(building.SOURCE)
    with pytest.raises(building.NotBuilt, match="sources"):
        building.ensure_page({"CRMTENANT_PAGE": "required"})


def test_who_does_not_want_the_page_needs_no_node(
    building: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = asked("v10.0.0")
    building.ensure_page({"CRMTENANT_PAGE": "skip"})
    assert words() == []
    monkeypatch.setenv("CRMTENANT_PAGE", "skip")
    assert building.node_requirement() == []


def test_a_wish_nobody_knows_is_refused(building: Any) -> None:
    with pytest.raises(building.NotBuilt, match="'requierd'"):
        building.ensure_page({"CRMTENANT_PAGE": "requierd"})


@pytest.mark.parametrize(
    ("version", "is_enough"),
    [
        ("v20.18.9", False),
        ("v20.19.0", True),
        ("v21.7.0", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v24.0.0", True),
    ],
)
def test_node_comes_from_elsewhere_where_the_one_on_path_is_too_old(
    building: Any, asked: Any, version: str, is_enough: bool
) -> None:
    asked(version)
    assert building.node_requirement() == ([] if is_enough else [building.NODE_WHEEL])
