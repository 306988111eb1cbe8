"""An installation at a certain hour of the day."""

from datetime import UTC, date, datetime

from crmtenant.api.crm import ENTITIES
from crmtenant.api.entities.registration import entity_tree_of
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Membership
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.jobs.notification_mail import NotificationMail
from crmtenant.services.jobs.reminders import Reminders
from crmtenant.services.mail.outbox import MailOutbox
from tests.integration.installation import new_company

TODAY = date(2026, 11, 26)
EIGHT = datetime(2026, 11, 26, 8, tzinfo=UTC)


class Morning:
    """What happens in an installation at a certain time."""

    def __init__(self, installation):
        self.installation = installation
        self.moment = EIGHT
        self.outbox = MailOutbox(is_open=True, public_url="https://crm.example")
        self.reminders = self.process()

    def process(self):
        return Reminders(*self._parts())

    def notification_mail(self):
        return NotificationMail(*self._parts())

    def _parts(self):
        entities = entity_tree_of(ENTITIES).entities
        installation = self.installation
        return installation.catalog, installation.addresses, self.outbox, entities, lambda: self.moment

    def company(self, name="North", **values):
        founding = self.installation.registrar.register(new_company(name, language="en", **values))
        return founding.tenant_id, founding.user_id

    def colleague(self, tenant_id, name="Ben Cole", **values):
        user_id = new_id("u")
        with self.installation.catalog.begin() as session:
            email = f"{user_id}@example.com"
            session.add(
                Login(id=user_id, email=email, email_key=email, name=name, password_hash="-", **values)
            )
            session.flush()
            session.add(Membership(user_id=user_id, tenant_id=tenant_id, role="member"))
        return user_id

    def task(self, tenant_id, title, due_on=TODAY, *, by="u_x", to=(), status="open", project=None, **values):
        self._add(
            tenant_id,
            Task(
                title=title,
                title_key=title,
                search=[],
                status=status,
                position=1.0,
                priority=0,
                assignee_ids=list(to),
                labels=[],
                due_on=due_on,
                project_id=project,
                created_by=by,
                updated_by=by,
                **values,
            ),
        )

    def project(self, tenant_id, name, status):
        return self._add(
            tenant_id,
            Project(
                name=name,
                name_key=name,
                search=[],
                status=status,
                member_ids=[],
                tags=[],
                created_by="u_x",
                updated_by="u_x",
            ),
        )

    def _add(self, tenant_id, row):
        ((database, version),) = self.installation.rows(
            "SELECT database, password_version FROM tenant WHERE id = :id", id=tenant_id
        )
        address = self.installation.provisioner.tenant_address(database, version)
        with self.installation.broker.begin(address) as session:
            session.add(row)
            session.flush()
            return row.id

    def change(self, model, key, **values):
        with self.installation.catalog.begin() as session:
            row = session.get_one(model, key)
            for name, value in values.items():
                setattr(row, name, value)

    def mails(self):
        return self.installation.rows("SELECT recipient, subject, text FROM mail ORDER BY id")

    def told(self):
        """Who was told what: the titles in the order of the mail, by the person's id."""
        logins = dict(self.installation.rows("SELECT email, id FROM login"))
        return {
            logins[recipient]: [
                line[2:].partition(":")[0] for line in text.splitlines() if line.startswith("- ")
            ]
            for recipient, _, text in self.mails()
        }
