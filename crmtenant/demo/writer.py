"""Creating the demo company: registered like any other, then filled with generated content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.clock import LocalClock, zone_named
from crmtenant.demo.content import demo_company
from crmtenant.demo.inbox import tell_people
from crmtenant.demo.items import DemoItem
from crmtenant.demo.people import COMPANY, EMAIL, FOUNDER, MANAGER, PEOPLE, VIEWER, WORKER
from crmtenant.models.catalog.tables import Login, Membership
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.project import BoardColumn
from crmtenant.permissions import Role
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.board_column import ColumnDraft
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.crm.entry import EntryDraft
from crmtenant.schemas.crm.project import ProjectDraft
from crmtenant.schemas.crm.task import TaskDraft
from crmtenant.services.crm.board_columns import COLUMN
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.crm.entries import ENTRY
from crmtenant.services.crm.projects import PROJECT
from crmtenant.services.crm.tasks import TASK
from crmtenant.services.entities.change import Actor
from crmtenant.services.identity import users
from crmtenant.services.identity.users import read_email
from crmtenant.services.members import members
from crmtenant.services.tenants.registration_rows import NewCompany
from crmtenant.services.writing.entity_writer import EntityWriter

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.platform import Platform

FOUNDER_NAME = "Nora Lind"
PASSWORD = "look around freely"  # noqa: S105 (printed for everybody to use, on development servers only)
UNUSABLE = "unusable"
"""No password has this hash: nobody can sign in as one of the colleagues."""
COLLEAGUES = {
    MANAGER: ("Ida Berg", "ida.berg@example.com", Role.ADMIN),
    WORKER: ("Mateo Cruz", "mateo.cruz@example.com", Role.MEMBER),
    VIEWER: ("Yuki Mori", "yuki.mori@example.com", Role.VIEWER),
}
SEED = 7
TIME_ZONE = "Europe/Berlin"
_MENTION = re.compile(rf"@\[({'|'.join(PEOPLE)})\]")


def accompany(platform: Platform) -> None:
    """Create the demo company when the process begins to serve."""
    platform.accompany(lambda: _create_and_announce(platform), lambda: None)


def _create_and_announce(platform: Platform) -> None:
    ensure_demo(platform)
    platform.welcome.append(f'Demo company "{COMPANY}": sign in as {EMAIL} with the password `{PASSWORD}`.')


def ensure_demo(platform: Platform) -> None:
    """Create the demo company if it does not exist, and fill it unless it has contacts already."""
    with platform.databases.catalog.reading() as reader:
        founder = users.find(reader, read_email(EMAIL).key)
        companies = users.companies_of(reader, founder.id) if founder else []
    if founder is None:
        platform.tenants.registrar.register(_new_company(platform))
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
        password_hash=platform.identity.passwords.hash(PASSWORD),
        country="DE",
        currency="EUR",
        language="en",
        time_zone=TIME_ZONE,
    )


def _fill(platform: Platform, company_id: str, founder_id: str) -> None:
    access = platform.identity.access.find(company_id, founder_id)
    assert access is not None
    address = platform.databases.addresses.of(access, company_id)
    with platform.databases.broker.begin(address) as session:
        if session.scalar(select(Contact.id).limit(1)) is not None:
            return
    # The catalog first: if the process dies in between, the colleagues are found and the content is written again.
    with platform.databases.catalog.begin() as catalog:
        colleagues = {key: _colleague(catalog, company_id, key) for key in COLLEAGUES}
    people = {FOUNDER: founder_id, **{key: user_id or founder_id for key, user_id in colleagues.items()}}
    with platform.databases.broker.begin(address) as session:
        DemoWriter(session, people).write()
        tell_people(session, people.values())


def _colleague(catalog: Session, company_id: str, key: str) -> str | None:
    """Return the id of the colleague, created if necessary; None if the address belongs to somebody else."""
    name, address, role = COLLEAGUES[key]
    email = read_email(address)
    members.lock_company(catalog, company_id)
    user_id: str | None = catalog.scalar(select(Login.id).where(Login.email_key == email.key))
    if user_id is None:
        user_id = users.create(catalog, email=email, name=name, password_hash=UNUSABLE)
        members.join(catalog, company_id, user_id, role)
    return user_id if catalog.get(Membership, (user_id, company_id)) is not None else None


class DemoWriter:
    """Writes the content and remembers the id of each key."""

    def __init__(self, session: Session, people: Mapping[str, str]) -> None:
        self._session = session
        self._actors = {key: Actor(user_id, lambda _: True) for key, user_id in people.items()}
        self._ids: dict[str, Any] = dict(people)

    def write(self) -> None:
        """Write everything, without committing."""
        content = demo_company(SEED, LocalClock(zone_named(TIME_ZONE)).today())
        self._create(CONTACT.writer, ContactDraft, content.contacts)
        self._create(PROJECT.writer, ProjectDraft, content.projects)
        self._create(COLUMN.writer, ColumnDraft, self._missing_columns(content.columns))
        self._create(TASK.writer, TaskDraft, content.tasks)
        self._create(ENTRY.writer, EntryDraft, content.entries)

    def _create(self, entities: EntityWriter, draft: type[Any], items: Iterable[DemoItem]) -> None:
        for item in items:
            references = {name: self._resolved(keys) for name, keys in item.refs.items()}
            data = {**item.data, **references}
            if "body" in data:
                data["body"] = _MENTION.sub(lambda found: f"@[{self._ids[found[1]]}]", data["body"])
            values = load(draft, data, context={"region": "DE"}).columns()
            (row,) = entities.create(self._session, self._actors[item.by], [values])
            self._ids[item.key] = row.id

    def _missing_columns(self, columns: Sequence[DemoItem]) -> list[DemoItem]:
        """Return the columns that their boards do not have yet; move the others to their positions."""
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
                self._session.get_one(BoardColumn, column_id).position = column.data["position"]
        return missing

    def _resolved(self, keys: str | list[str]) -> Any:
        return self._ids[keys] if isinstance(keys, str) else [self._ids[key] for key in keys]
