"""What every bench uses: an embedded PostgreSQL in a temporary directory, a platform, companies in it."""

from __future__ import annotations

import configparser
import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bench.contacts import contact
from crmtenant.clock import now
from crmtenant.db.admin.connection import administering
from crmtenant.logs import configure_logs
from crmtenant.models.tenant.contact import Contact
from crmtenant.platform import Platform
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.services.tenants.registration import NewCompany, Registered
from crmtenant.settings import Settings, read_settings

HOST = "127.0.0.1"
ROOT = Path(__file__).parent.parent


def environment(data_dir: Path) -> dict[str, str]:
    """Return the environment for production.ini, with an embedded PostgreSQL in `data_dir`."""
    return {
        "CRMTENANT_DATABASE_URL": "embedded",
        "CRMTENANT_DATA": str(data_dir),
        "CRMTENANT_SIGNING_SECRET": "generate",
        "CRMTENANT_ROLE_SECRET": "generate",
        "CRMTENANT_PUBLIC_URL": f"http://{HOST}",
        "CRMTENANT_ALLOWED_HOSTS": HOST,
        "CRMTENANT_BACKUPS": str(data_dir / "backups"),
        "CRMTENANT_MAIL_URL": "none",
        "CRMTENANT_MAIL_FROM": "crmtenant <crm@example.com>",
    }


def settings_for(data_dir: Path, **changed: object) -> Settings:
    """Return the settings of production.ini, with those in `changed` replaced."""
    parser = configparser.RawConfigParser()
    parser.read(ROOT / "production.ini", encoding="utf-8")
    keys = {**parser["app:main"], **{f"crmtenant.{name}": str(value) for name, value in changed.items()}}
    return read_settings(keys, environment(data_dir))


@contextmanager
def data_directory() -> Iterator[Path]:
    """Make a directory for one bench and remove it afterwards. PostgreSQL's own account may enter it."""
    directory = Path(tempfile.mkdtemp(prefix="crmtenant-bench-"))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


class Ground:
    """An open platform in its own directory, and what benches put into it."""

    def __init__(self, directory: Path, platform: Platform) -> None:
        self.directory = directory
        self.platform = platform
        self._companies = 0

    def company(self, *, contacts: int = 0) -> Registered:
        """Register a company with this many contacts."""
        registered = self.platform.tenants.registrar.register(self.new_company())
        if contacts:
            self._fill(registered, contacts)
        return registered

    def new_company(self) -> NewCompany:
        """Return a registration with a unique name; no password is hashed."""
        self._companies += 1
        email = f"founder{self._companies}@example.com"
        return NewCompany(
            company_name=f"Company {self._companies}",
            person_name="Petra Founder",
            email=email,
            email_key=email,
            password_hash="none",
        )

    def token(self, company: Registered) -> str:
        """Return an access token of the company's founder."""
        return self.platform.identity.tokens.issue(company.user_id, company.tenant_id, 1)

    def address(self, company: Registered) -> Any:
        """The company's database as its own role."""
        access = self.platform.identity.access.find(company.tenant_id, company.user_id)
        assert access is not None
        return self.platform.databases.addresses.of(access, company.tenant_id)

    def _fill(self, company: Registered, count: int) -> None:
        moment = now()
        written = {
            "created_by": company.user_id,
            "updated_by": company.user_id,
            "created_at": moment,
            "updated_at": moment,
        }
        rows = [load(ContactDraft, contact(number)).columns() | written for number in range(count)]
        address = self.address(company)
        with self.platform.databases.broker.begin(address) as session:
            session.execute(insert(Contact), rows)
        # Autovacuum does this by itself, within a minute; the company's role may not.
        with administering(self.platform._server.address.admin(address.database)) as admin:
            admin.run("ANALYZE contact")


@contextmanager
def ground(**changed: object) -> Iterator[Ground]:
    """Open a platform with fsync on, like production, and remove everything afterwards; `changed` are settings."""
    with data_directory() as directory:
        configure_logs("json")
        platform = Platform.open(settings_for(directory, **changed))
        try:
            yield Ground(directory, platform)
        finally:
            platform.close()


def peer_of(app: Callable[..., Any], token: str) -> Callable[..., tuple[str, bytes]]:
    """Return a caller of the WSGI application in this process: `(method, path, body) -> (status, body)`."""
    statuses: list[str] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> None:
        del headers, exc_info
        statuses.append(status)

    def ask(method: str, path: str, body: bytes = b"") -> tuple[str, bytes]:
        path, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
            "REQUEST_URI": path, "SERVER_NAME": HOST, "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": HOST, "HTTP_AUTHORIZATION": f"Bearer {token}", "REMOTE_ADDR": HOST,
            "CONTENT_TYPE": "application/json" if body else "", "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(), "wsgi.multithread": True, "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }  # fmt: skip
        answer = app(environ, start_response)
        try:
            return statuses.pop(), b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return ask
