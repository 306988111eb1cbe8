"""The files of a production installation: settings, environment, systemd units, nginx's and haproxy's configuration.

They are written for one host name and one PostgreSQL, with secrets of their own.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crmtenant.db.admin.statements import WITHHOLD_LARGE_OBJECTS
from crmtenant.errors import OperatorError

_PACKAGE = Path(__file__).parents[1]
PUBLIC, SECRET = 0o644, 0o640
_SECRET_BYTES = 48
_SECRETS = (
    "CRMTENANT_SIGNING_SECRET",
    "CRMTENANT_ROLE_SECRET",
    "CRMTENANT_BACKUP_SECRET",
    "CRMTENANT_RECEIPT_SECRET",
)
_EXAMPLE_HOST, _EXAMPLE_POSTGRES = "crm.example.com", "db1.internal:5432"
_EXAMPLE_MAIL = "CRMTENANT_MAIL_URL=smtp://crm:password@mail.example.com:587"


@dataclass(frozen=True, slots=True)
class Written:
    """A file, and whether it was written; one that was there already is kept."""

    path: Path
    is_new: bool


def write_deployment(directory: Path, *, host: str, postgres: str) -> list[Written]:
    """Write the files for people who use `host`, and a PostgreSQL at `postgres` (host:port).

    Raises:
        OperatorError: the files that come with crmtenant are missing.
    """
    directory.mkdir(parents=True, exist_ok=True)
    return [
        Written(directory / name, _write(directory / name, text, mode))
        for name, text, mode in _files(host, postgres)
    ]


def _write(path: Path, text: str, mode: int) -> bool:
    """Write a file that is not there yet, readable by nobody it should not be from the first byte on."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    path.chmod(mode)
    return True


def _files(host: str, postgres: str) -> Iterator[tuple[str, str, int]]:
    password = secrets.token_urlsafe(_SECRET_BYTES)
    for source in sources():
        name = source.name.replace(".example", "")
        text = source.read_text(encoding="utf-8")
        text = text.replace(_EXAMPLE_HOST, host).replace(_EXAMPLE_POSTGRES, postgres)
        if source.name.startswith("environment"):
            yield name, _with_secrets(text, password), SECRET
        else:
            yield name, text, PUBLIC
    role = f"CREATE ROLE crmtenant_admin LOGIN CREATEDB CREATEROLE PASSWORD '{password}';\n"
    yield "administrator.sql", role, SECRET
    yield "large_objects.sql", WITHHOLD_LARGE_OBJECTS.strip() + ";\n", PUBLIC


def _with_secrets(environment: str, password: str) -> str:
    for name in _SECRETS:
        environment = environment.replace(f"{name}=\n", f"{name}={secrets.token_urlsafe(_SECRET_BYTES)}\n")
    environment = environment.replace(
        _EXAMPLE_MAIL, f"# Until mails are sent: {_EXAMPLE_MAIL}\nCRMTENANT_MAIL_URL=none"
    )
    return environment.replace("crmtenant_admin:password@", f"crmtenant_admin:{password}@")


def sources() -> list[Path]:
    """Return the files that come with crmtenant: in the wheel, or where it is developed, beside the package."""
    packaged = _PACKAGE / "deployment"
    root = packaged if packaged.is_dir() else _PACKAGE.parent
    templates = root if packaged.is_dir() else root / "deploy"
    found = {root / "production.ini", *(path for path in templates.glob("*") if path.is_file())}
    if not (root / "production.ini").is_file() or len(found) == 1:
        raise OperatorError(
            "The files of a deployment did not come with this installation; install the wheel."
        )
    return sorted(found)
