"""The mails that tell people in the morning what is due."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from crmtenant.clock import now
from crmtenant.ids import new_id
from crmtenant.models.catalog.tables import Login, Mail, Membership, Tenant
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.due_tasks import NAMED
from crmtenant.services.jobs.reminders import RETRY, Reminders
from crmtenant.services.mail.outbox import MailOutbox
from tests.integration.installation import new_company

TODAY = date(2026, 11, 26)
EIGHT = datetime(2026, 11, 26, 8, tzinfo=UTC)
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


class Morning:
    """What happens in an installation at a certain time."""

    def __init__(self, installation):
        self.installation = installation
        self.moment = EIGHT
        self.outbox = MailOutbox(is_open=True, public_url="https://crm.example")
        self.reminders = self.process()

    def process(self):
        return Reminders(
            self.installation.catalog, self.installation.addresses, self.outbox, lambda: self.moment
        )

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


@pytest.fixture
def morning(installation):
    return Morning(installation)


def test_who_is_to_do_it_hears_once_a_day_what_is_due(morning):
    company, anna = morning.company(time_zone=BERLIN)
    ben = morning.colleague(company)
    project = morning.project(company, "Relaunch", "active")
    morning.task(company, "Call", to=[anna, ben])
    morning.task(company, "Late", TODAY - timedelta(days=2), to=[anna], project=project)
    morning.task(company, "Later", TODAY + timedelta(days=1), to=[anna])
    assert morning.reminders.remind() == 1
    assert morning.told() == {anna: ["Call", "Late (Relaunch)"], ben: ["Call"]}
    subjects = {subject for _, subject, _ in morning.mails()}
    assert subjects == {"North: 2 tasks due", "North: 1 task due"}
    text = next(text for _, subject, text in morning.mails() if "2 tasks" in subject)
    assert "- Call: today\n  https://crm.example/tasks/1?company=north" in text
    assert "- Late (Relaunch): since 2026-11-24\n  https://crm.example/tasks/2?company=north" in text
    assert "https://crm.example/settings/profile?company=north" in text
    assert morning.reminders.remind() == 0
    morning.moment += timedelta(days=1)
    assert morning.process().remind() == 1
    assert len(morning.mails()) == 4


def test_they_come_in_the_language_of_the_company(morning):
    company, anna = morning.company(time_zone=BERLIN)
    morning.change(Tenant, company, language="de-AT")
    morning.task(company, "Anrufen", to=[anna])
    morning.task(company, "Zu spät", TODAY - timedelta(days=1), to=[anna])
    morning.reminders.remind()
    ((_, subject, text),) = morning.mails()
    assert subject == "North: 2 Aufgaben fällig"
    assert "Anrufen: heute" in text
    assert "Zu spät: seit 25.11.2026" in text


def test_it_is_morning_where_the_company_is(morning):
    for name, zone in (
        ("Berlin", BERLIN),
        ("York", NEW_YORK),
        ("Nowhere", None),
        ("Atlantis", "Sea/Atlantis"),
    ):
        company, owner = morning.company(name, time_zone=zone)
        morning.task(company, name, to=[owner])
    titles = lambda: sorted(title for titles in morning.told().values() for title in titles)  # noqa: E731
    morning.moment = datetime(2026, 11, 26, 5, 59, tzinfo=UTC)
    assert morning.reminders.remind() == 0
    morning.moment = datetime(2026, 11, 26, 6, tzinfo=UTC)
    assert morning.reminders.remind() == 1
    assert titles() == ["Berlin"]
    morning.moment = datetime(2026, 11, 26, 7, tzinfo=UTC)
    assert morning.reminders.remind() == 2
    assert titles() == ["Atlantis", "Berlin", "Nowhere"]
    morning.moment = datetime(2026, 11, 26, 12, tzinfo=UTC)
    assert morning.reminders.remind() == 1
    assert "York" in titles()


def test_what_nobody_is_to_do_concerns_who_wrote_it_down(morning):
    company, anna = morning.company()
    ben = morning.colleague(company)
    morning.task(company, "Mine", by=anna)
    morning.task(company, "Ben's", by=anna, to=[ben])
    morning.reminders.remind()
    assert morning.told() == {anna: ["Mine"], ben: ["Ben's"]}


def test_what_is_done_thrown_away_or_rests_reminds_nobody(morning):
    company, anna = morning.company()
    morning.task(company, "Done", to=[anna], status="done")
    morning.task(company, "Gone", to=[anna], deleted_at=now(), deleted_by=anna)
    for status in ("on_hold", "done", "archived"):
        morning.task(company, status, to=[anna], project=morning.project(company, status, status))
    morning.task(company, "Planned", to=[anna], project=morning.project(company, "Plan", "planned"))
    morning.reminders.remind()
    assert morning.told() == {anna: ["Planned (Plan)"]}


def test_what_is_long_overdue_is_told_only_beside_news(morning):
    company, anna = morning.company()
    ben = morning.colleague(company)
    for person in (anna, ben):
        morning.task(company, "Old", TODAY - timedelta(days=7), to=[person])
    morning.task(company, "Fresh", TODAY - timedelta(days=6), to=[ben])
    morning.reminders.remind()
    assert morning.told() == {ben: ["Fresh", "Old"]}


def test_a_mail_names_some_and_counts_the_rest(morning):
    company, anna = morning.company()
    for number in range(NAMED + 3):
        morning.task(company, f"Task {number}", to=[anna])
    morning.reminders.remind()
    ((_, subject, text),) = morning.mails()
    assert subject == f"North: {NAMED + 3} tasks due"
    assert len(morning.told()[anna]) == NAMED
    assert "… and 3 more" in text


def test_who_wants_none_or_has_left_gets_none(morning):
    company, anna = morning.company()
    people = {name: morning.colleague(company, name) for name in ("Off", "Left", "Barred", "Stays")}
    people["Stranger"] = morning.company("South")[1]
    morning.task(company, "Call", to=[anna, *people.values()])
    morning.change(Login, anna, wants_reminders=False)
    morning.change(Login, people["Off"], wants_reminders=False)
    morning.change(Membership, (people["Left"], company), state="removed")
    morning.change(Login, people["Barred"], is_active=False)
    morning.reminders.remind()
    assert morning.told() == {people["Stays"]: ["Call"]}


@pytest.mark.parametrize(
    "values",
    [{"is_neutral": True}, {"state": "suspended"}, {"state": "deleting"}, {"schema_revision": "0001"}],
)
def test_a_company_that_is_not_at_work_reminds_nobody(morning, values):
    company, anna = morning.company()
    morning.task(company, "Call", to=[anna])
    morning.change(Tenant, company, **values)
    assert morning.reminders.remind() == 0
    assert morning.mails() == []


def test_one_that_cannot_be_asked_stops_no_other_and_is_asked_again_later(morning):
    north, anna = morning.company("North")
    south, ben = morning.company("South")
    for company, person in ((north, anna), (south, ben)):
        morning.task(company, "Call", to=[person])
    database = morning.installation.rows("SELECT database FROM tenant WHERE id = :id", id=north)[0][0]
    morning.installation.broker.forget(morning.installation.provisioner.tenant_address(database, 1))
    morning.installation.do("ALTER ROLE {} NOLOGIN", database)
    assert morning.reminders.remind() == 1
    assert morning.told() == {ben: ["Call"]}
    morning.installation.do("ALTER ROLE {} LOGIN", database)
    assert morning.reminders.remind() == 0
    morning.moment += RETRY
    assert morning.reminders.remind() == 1
    assert morning.told() == {anna: ["Call"], ben: ["Call"]}


def test_several_processes_remind_everybody_once(morning):
    people = set()
    for number in range(6):
        company, owner = morning.company(f"Company {number}")
        morning.task(company, "Call", to=[owner])
        people.add(owner)
    at_once = threading.Barrier(3)

    def remind(reminders):
        at_once.wait()
        return reminders.remind()

    with ThreadPoolExecutor(3) as pool:
        asked = list(pool.map(remind, [morning.process() for _ in range(3)]))
    assert sum(asked) == len(people)
    assert len(morning.mails()) == len(people)
    assert set(morning.told()) == people


def test_who_dies_in_between_has_told_nobody(morning, monkeypatch):
    company, anna = morning.company()
    ben = morning.colleague(company)
    morning.task(company, "Call", to=[anna, ben])
    real, told = MailOutbox.put, []

    def die_at_the_second(self, session, *about, **tenant):
        if told:
            raise KeyboardInterrupt
        told.append(real(self, session, *about, **tenant))

    with monkeypatch.context() as patch:
        patch.setattr(MailOutbox, "put", die_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            morning.reminders.remind()
    assert morning.mails() == []
    assert morning.process().remind() == 1
    assert set(morning.told()) == {anna, ben}


def test_a_reminder_is_a_mail_like_any_other(morning):
    company, anna = morning.company()
    morning.task(company, "100 % {done}", to=[anna])
    morning.reminders.remind()
    with morning.installation.catalog.begin() as session:
        mail = session.query(Mail).one()
        assert (mail.kind, mail.tenant_id) == ("reminder", company)
        assert "- 100 % {done}: today" in mail.text
