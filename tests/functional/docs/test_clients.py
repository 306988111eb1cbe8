"""Clients that public generators make of the document, with their default options: they compile, and they work."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from waitress.server import create_server
from webtest import TestApp

ROOT = Path(__file__).parents[3]
PROGRAMS = Path(__file__).parent / "clients"
FRONTEND = ROOT / "frontend"
#: Media types that openapi-python-client has no code for: such bodies are sent by hand, or in a form.
NOT_FOR_PYTHON = {"application/zip", "text/csv", "text/tab-separated-values", "text/vcard", "text/x-vcard"}
STRICT = {
    "compilerOptions": {
        "strict": True,
        "noEmitOnError": True,
        "target": "es2022",
        "module": "esnext",
        "moduleResolution": "bundler",
        "types": [],
    },
    "files": ["use-client.ts"],
}


@pytest.fixture(scope="module")
def url(app: TestApp) -> Iterator[str]:
    """The address at which the application is served."""
    server = create_server(app.app, host="127.0.0.1", port=0, threads=2)
    serving = threading.Thread(target=server.run, daemon=True)
    serving.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    serving.join(timeout=10)


@pytest.fixture(scope="module")
def openapi(app: TestApp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as it is served."""
    file = tmp_path_factory.mktemp("openapi") / "openapi.json"
    file.write_bytes(app.get("/api/openapi.json").body)
    return file


@pytest.fixture(scope="module")
def python_client(openapi: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a generated client, and a program that uses it."""
    where = tmp_path_factory.mktemp("python")
    generate = (sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none")
    told = run(*generate, "--path", openapi, "--output-path", where / "generated", where=where)
    assert set(re.findall(r"nsupported content.type:? ([\w/.+-]+)", told)) <= NOT_FOR_PYTHON
    assert told.count("WARNING") == told.count("nsupported content")
    shutil.copy(PROGRAMS / "use_client.py", where)
    return where


def run(*command: str | Path, where: Path) -> str:
    """Run a program to its end and return what it says."""
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def node() -> str:
    """Node, from PATH or from PyPI, as the page's build takes it; skip where there is none, or none of the packages."""
    from_wheel = shutil.which("node", path=str(Path(sys.executable).parent))
    found = shutil.which("node") or from_wheel
    if found is None or not (FRONTEND / "node_modules" / "openapi-typescript").is_dir():
        pytest.skip("the page's packages are not installed: make page")
    return found


def test_the_client_of_openapi_python_client_works(python_client: Path, url: str) -> None:
    run(sys.executable, "use_client.py", url, where=python_client)


def test_the_client_of_openapi_python_client_is_typed(python_client: Path) -> None:
    options = ("--strict", "--config-file", "", "--cache-dir", os.devnull)
    run(sys.executable, "-m", "mypy", *options, "use_client.py", where=python_client)


def test_the_client_of_openapi_typescript_works(openapi: Path, url: str, tmp_path: Path) -> None:
    packages, program = FRONTEND / "node_modules", node()
    (tmp_path / "node_modules").symlink_to(packages.resolve())
    (tmp_path / "package.json").write_text(json.dumps({"type": "module"}), encoding="utf-8")
    (tmp_path / "tsconfig.json").write_text(json.dumps(STRICT), encoding="utf-8")
    shutil.copy(PROGRAMS / "use-client.ts", tmp_path)
    run(
        program,
        packages / "openapi-typescript/bin/cli.js",
        openapi,
        "--output",
        "schema.d.ts",
        where=tmp_path,
    )
    run(program, packages / "typescript/bin/tsc", where=tmp_path)
    run(program, "use-client.js", url, where=tmp_path)
