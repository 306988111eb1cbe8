"""The demo company: registered like any other, then filled with content of our own making."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.models.base import now
from crmtenant.models.contact import Contact
from crmtenant.models.project import BoardColumn
from crmtenant.permissions import Role
from crmtenant.representations.base import load
from crmtenant.representations.column import ColumnDraft
from crmtenant.representations.contact import ContactDraft
from crmtenant.representations.project import ProjectDraft
from crmtenant.representations.task import TaskDraft
from crmtenant.services import accounts, members
from crmtenant.services.accounts import read_email
from crmtenant.services.contacts import CONTACTS
from crmtenant.services.demo import COMPANY, EMAIL, FOUNDER, DemoItem, demo_company
from crmtenant.services.founding import NewCompany
from crmtenant.services.projects import COLUMNS, PROJECTS
from crmtenant.services.records import Author, Records
from crmtenant.services.tasks import TASKS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.platform import Platform

FOUNDER_NAME = "Nora Lind"
PASSWORD = "look around freely"  # noqa: S105 (printed for everybody to use, on development servers only)
COLLEAGUES = (("Mateo Cruz", "mateo@example.com", Role.MEMBER), ("Ida Berg", "ida@example.com", Role.VIEWER))
SEED = 7


def accompany(platform: Platform) -> None:
    """Nothing comes back; the demo company will be there when the process begins to serve."""
    platform.accompany(lambda: _introduce(platform), lambda: None)


def _introduce(platform: Platform) -> None:
    ensure_demo(platform)
    platform.welcome.append(f'Demo company "{COMPANY}": sign in as {EMAIL} with the password `{PASSWORD}`.')


def ensure_demo(platform: Platform) -> None:
    """Nothing comes back; the demo company exists, and has its content unless somebody has been there."""
    with platform.catalog.reading() as reader:
        founder = accounts.find(reader, read_email(EMAIL).key)
        companies = accounts.companies_of(reader, founder.id) if founder else []
    if founder is None:
        platform.registrar.register(_new_company(platform))
        return ensure_demo(platform)
    for company in companies:
        if company.name == COMPANY:
            _fill(platform, company.id, founder.id)
    return None


def _new_company(platform: Platform) -> NewCompany:
    email = read_email(EMAIL)
    return NewCompany(
        company_name=COMPANY,
        person_name=FOUNDER_NAME,
        email=email.address,
        email_key=email.key,
        password_hash=platform.passwords.hash(PASSWORD),
        country="DE",
        currency="EUR",
        language="en",
        time_zone="Europe/Berlin",
    )


def _fill(platform: Platform, company_id: str, founder_id: str) -> None:
    access = platform.directory.access(company_id, founder_id)
    assert access is not None
    address = platform.tenant_address(access.database, access.password_version)
    with platform.broker.begin(address) as session:
        if session.scalar(select(Contact.id).limit(1)) is not None:
            return
        DemoWriter(session, founder_id).write()
    _add_colleagues(platform, company_id)


def _add_colleagues(platform: Platform, company_id: str) -> None:
    password_hash = platform.passwords.hash(PASSWORD)
    with platform.catalog.begin() as session:
        for name, address, role in COLLEAGUES:
            login_id = accounts.create(
                session, email=read_email(address), name=name, password_hash=password_hash
            )
            members.join(session, company_id, login_id, role)


class DemoWriter:
    """Writes the content, and remembers which key became which id."""

    def __init__(self, session: Session, founder_id: str) -> None:
        self._session = session
        self._author = Author(founder_id, lambda _: True)
        self._ids: dict[str, Any] = {FOUNDER: founder_id}

    def write(self) -> None:
        """Nothing comes back; everything is written, nothing committed."""
        content = demo_company(SEED, now().date())
        self._create(CONTACTS, ContactDraft, content.contacts)
        self._create(PROJECTS, ProjectDraft, content.projects)
        self._create(COLUMNS, ColumnDraft, self._missing(content.columns))
        self._create(TASKS, TaskDraft, content.tasks)

    def _create(self, records: Records, draft: type[Any], items: Iterable[DemoItem]) -> None:
        for item in items:
            references = {name: self._resolved(keys) for name, keys in item.refs.items()}
            values = load(draft, {**item.data, **references}, context={"region": "DE"}).columns()
            (row,) = records.create(self._session, self._author, [values])
            self._ids[item.key] = row.id

    def _missing(self, columns: Sequence[DemoItem]) -> list[DemoItem]:
        """The columns that their boards do not have yet; the ids of the others are remembered."""
        found = self._session.execute(select(BoardColumn.project_id, BoardColumn.name, BoardColumn.id)).all()
        by_name = {(project_id, name): column_id for project_id, name, column_id in found}
        missing = []
        for column in columns:
            project_id = self._resolved(column.refs["project_id"])
            column_id = by_name.get((project_id, column.data["name"]))
            if column_id is None:
                missing.append(column)
            else:
                self._ids[column.key] = column_id
        return missing

    def _resolved(self, keys: str | list[str]) -> Any:
        return self._ids[keys] if isinstance(keys, str) else [self._ids[key] for key in keys]
