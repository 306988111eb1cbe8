"""`crmtenant deploy`: the files of a production installation fit together, and what is there is kept."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyramid.paster import get_appsettings

from crmtenant.cli import main
from crmtenant.settings import read_settings

ROOT = Path(__file__).parents[3]
FILES = {
    "production.ini", "environment", "environment.worker", "administrator.sql", "large_objects.sql",
    "crmtenant-web@.service", "crmtenant-worker.service", "nginx.conf", "haproxy.cfg",
}  # fmt: skip


@pytest.fixture
def deployed(tmp_path: Path) -> Path:
    directory = tmp_path / "etc" / "crmtenant"
    result = CliRunner().invoke(main, ["deploy", "--to", str(directory), "--host", "crm.north.example"])
    assert result.exit_code == 0, result.output
    assert {Path(line).name for line in result.output.splitlines()} == FILES
    return directory


def environment(*files: Path) -> dict[str, str]:
    """What a shell has after it read these files, as systemd does."""
    script = f"set -ae; {' '.join(f'. {file};' for file in files)} exec {sys.executable} -c "
    script += '"import json, os; print(json.dumps(dict(os.environ)))"'
    done = subprocess.run(["bash", "-c", script], env={}, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_the_settings_can_be_read_with_the_environment_of_each_unit(deployed: Path) -> None:
    ini = get_appsettings(str(deployed / "production.ini"), name="main")
    web = read_settings(ini, environment(deployed / "environment"))
    worker = read_settings(ini, environment(deployed / "environment", deployed / "environment.worker"))
    assert web.public_url == "https://crm.north.example"
    assert web.signing_secret == worker.signing_secret
    assert web.role_secret != web.signing_secret
    for name in ("crmtenant-web@.service", "crmtenant-worker.service"):
        unit = (deployed / name).read_text(encoding="utf-8")
        read = re.findall(r"/etc/crmtenant/([\w.]+)", unit)
        assert set(read) <= FILES


def test_the_worker_has_the_password_of_the_role_and_nobody_else_reads_it(deployed: Path) -> None:
    role = (deployed / "administrator.sql").read_text(encoding="utf-8")
    (password,) = re.findall("PASSWORD '([^']+)'", role)
    assert f"crmtenant_admin:{password}@127.0.0.1:5432" in (deployed / "environment.worker").read_text()
    assert password not in (deployed / "environment").read_text()
    for name in ("administrator.sql", "environment", "environment.worker"):
        assert stat.S_IMODE((deployed / name).stat().st_mode) == 0o640


def test_nothing_of_the_examples_is_left(deployed: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in deployed.iterdir()}
    for left in ("crm.example.com", "db1.internal", "SECRET=\n", ":password@db"):
        assert [name for name, text in texts.items() if left in text and name != "haproxy.cfg"] == []


def test_what_is_there_is_kept(deployed: Path) -> None:
    before = {path.name: path.read_bytes() for path in deployed.iterdir()}
    (deployed / "nginx.conf").unlink()
    result = CliRunner().invoke(main, ["deploy", "--to", str(deployed), "--host", "x.example", "--json"])
    assert [Path(one["path"]).name for one in json.loads(result.output) if one["is_new"]] == ["nginx.conf"]
    after = {path.name: path.read_bytes() for path in deployed.iterdir()}
    assert {name for name in after if after[name] != before[name]} == {"nginx.conf"}


@pytest.mark.slow
def test_the_wheel_brings_the_files(tmp_path: Path) -> None:
    source = tmp_path / "source"
    ignored = (
        "node_modules",
        ".git",
        "tests",
        "frontend",
        "page",
        "build",
        "dist",
        "*.egg-info",
        ".venv",
        "var",
        "docs",
    )
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(*ignored))
    build = ("setup.py", "--quiet", "build_py", "--build-lib", "wheel")
    done = subprocess.run(
        [sys.executable, *build], cwd=source, env={"CRMTENANT_PAGE": "skip", "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    brought = {path.name for path in (source / "wheel" / "crmtenant" / "deployment").iterdir()}
    assert brought == {path.name for path in (ROOT / "deploy").iterdir()} | {"production.ini"}
