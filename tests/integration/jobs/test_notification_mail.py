"""The mails of what people are told: after five minutes unless it is read, and in the morning."""

from datetime import timedelta

import pytest

from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.models.tenant.notification import Notification, NotificationSetting
from crmtenant.services.mail.calls import AGAIN_AFTER, MailCalls
from crmtenant.services.overview.notification_settings import DEFAULT_MAIL
from tests.integration.jobs.morning import TODAY
from tests.integration.saving import address_of

MINUTES = timedelta(minutes=1)


@pytest.fixture
def told(morning):
    """Tells a person of a task, as requests do."""

    def tell(company, person, kind="assigned", *, row_id=1, count=1, by=None, **values):
        return morning._add(
            company,
            Notification(
                person_id=person,
                kind=kind,
                at=morning.moment,
                since=morning.moment,
                by=by,
                noun="task",
                row_id=row_id,
                count=count,
                is_batch=values.pop("is_batch", False),
                **values,
            ),
        )

    return tell


def rows(morning, company, statement):
    address = address_of(morning.installation, company)
    connection = address.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()
    finally:
        connection.close()


def test_a_mail_waits_for_five_minutes_and_says_who_did_what(morning, told):
    company, anna = morning.company()
    ben = morning.colleague(company)
    morning.task(company, "Roof")
    mine = told(company, anna, by=ben)
    mail = morning.notification_mail()
    mail.call(company)
    assert mail.send_due() == 0
    morning.moment += 5 * MINUTES
    assert mail.send_due() == 1
    ((recipient, subject, text),) = morning.mails()
    assert subject == "North: Ben Cole assigned to you: Roof"
    assert f"https://crm.example/inbox/{mine}?company=north" in text
    assert recipient == morning.installation.rows("SELECT email FROM login WHERE id = :id", id=anna)[0][0]
    morning.moment += 60 * MINUTES
    assert mail.send_due() == 0
    morning.reminders.remind()
    assert len(morning.mails()) == 1


def test_what_is_read_in_time_is_not_mailed_and_several_are_one_mail(morning, told):
    company, anna = morning.company()
    ben = morning.colleague(company)
    for title in ("Roof", "Door"):
        morning.task(company, title)
    told(company, anna, read_at=morning.moment)
    told(company, ben, by=anna)
    told(company, ben, "mentioned", row_id=2, by=anna)
    told(company, ben, "watched", row_id=2, by=anna)
    mail = morning.notification_mail()
    morning.moment += 5 * MINUTES
    mail.call(company)
    assert mail.send_due() == 1
    ((_, subject, text),) = morning.mails()
    assert subject == "North: 2 updates"
    assert text.count("/inbox/") == 2
    assert "Update from" not in text


def test_many_at_once_are_one_line(morning, told):
    company, anna = morning.company(time_zone="Europe/Berlin")
    morning.change(Tenant, company, language="de")
    morning.task(company, "Roof")
    told(company, anna, count=1000, is_batch=True, by=morning.colleague(company))
    morning.moment += 5 * MINUTES
    mail = morning.notification_mail()
    mail.call(company)
    mail.send_due()
    ((_, subject, _),) = morning.mails()
    assert subject == "North: Ben Cole hat Ihnen 1.000 Einträge zugewiesen"


def test_the_morning_has_the_tasks_and_the_rest_in_one_mail(morning, told):
    company, anna = morning.company()
    ben = morning.colleague(company)
    morning.task(company, "Call", to=[anna])
    morning.task(company, "Late", TODAY - timedelta(days=2), to=[anna])
    morning.task(company, "Roof", TODAY + timedelta(days=9))
    told(company, anna, "watched", row_id=3, by=ben)
    told(company, anna, "replied", row_id=3, by=ben)
    told(company, ben, "watched", row_id=3, by=anna)
    assert morning.reminders.remind() == 1
    mails = {subject: text for _, subject, text in morning.mails()}
    assert len(mails) == 2
    assert "- Update from Ben Cole: Roof" in mails["North: 2 tasks due, 2 updates"]
    # What is due since today is in the inbox too, and was mailed.
    assert rows(
        morning,
        company,
        "SELECT person_id, row_id FROM notification WHERE kind = 'due' AND mailed_at IS NOT NULL",
    ) == [(anna, 1)]
    morning.moment += timedelta(days=1)
    morning.process().remind()
    again = [text for _, _, text in morning.mails()[2:]]
    assert not any("Update from" in text for text in again)


def test_settings_of_the_company_say_what_is_mailed(morning, told):
    company, anna = morning.company()
    morning.task(company, "Call", to=[anna])
    for kind, mail in (("due", "never"), ("assigned", "digest"), ("watched", "soon"), ("replied", "never")):
        with morning.installation.broker.begin(address_of(morning.installation, company)) as session:
            session.add(NotificationSetting(person_id=anna, kind=kind, is_shown=kind != "due", mail=mail))
    for kind in ("assigned", "watched", "replied"):
        told(company, anna, kind, by=morning.colleague(company))
    mail = morning.notification_mail()
    mail.call(company)
    morning.moment += 5 * MINUTES
    assert mail.send_due() == 1
    assert "Update from" in morning.mails()[0][1]
    morning.reminders.remind()
    assert morning.mails()[1][1] == "North: Ben Cole assigned to you: Call"
    assert len(morning.mails()) == 2
    assert rows(morning, company, "SELECT count(*) FROM notification WHERE kind = 'due'") == [(0,)]


def test_what_is_due_no_more_is_told_no_more(morning):
    company, anna = morning.company()
    morning.task(company, "Call", to=[anna])
    morning.reminders.remind()
    address = address_of(morning.installation, company)
    with address.connect() as connection, connection.cursor() as cursor:
        cursor.execute("UPDATE task SET status = 'done'")
    morning.moment += timedelta(days=1)
    morning.process().remind()
    assert rows(morning, company, "SELECT count(*) FROM notification") == [(0,)]


@pytest.mark.parametrize(
    "values",
    [{"is_neutral": True}, {"state": "suspended"}, {"state": "deleting"}, {"schema_revision": "0001"}],
)
def test_a_company_that_is_not_at_work_mails_nobody(morning, told, values):
    company, anna = morning.company()
    morning.task(company, "Roof")
    told(company, anna)
    morning.change(Tenant, company, **values)
    morning.moment += 5 * MINUTES
    mail = morning.notification_mail()
    mail.call(company)
    assert mail.send_due() == 0
    assert morning.mails() == []


def test_what_was_told_to_who_left_goes_and_who_may_not_sign_in_gets_no_mail(morning, told):
    company, anna = morning.company()
    left, barred = (morning.colleague(company, name) for name in ("Left", "Barred"))
    morning.task(company, "Roof")
    for person in (anna, left, barred):
        told(company, person)
    morning.change(Membership, (left, company), state="removed")
    morning.change(Login, barred, is_active=False)
    morning.moment += 5 * MINUTES
    mail = morning.notification_mail()
    mail.call(company)
    assert mail.send_due() == 1
    assert rows(morning, company, "SELECT person_id FROM notification ORDER BY person_id") == sorted(
        [(anna,), (barred,)]
    )


def test_a_person_in_two_companies_gets_a_mail_of_each(morning, told):
    north, anna = morning.company("North")
    south, _ = morning.company("South")
    with morning.installation.catalog.begin() as session:
        session.add(Membership(user_id=anna, tenant_id=south, role="member"))
    for company, title in ((north, "Roof"), (south, "Door")):
        morning.task(company, title)
        told(company, anna)
    morning.moment += 5 * MINUTES
    mail = morning.notification_mail()
    for company in (north, south):
        mail.call(company)
    assert mail.send_due() == 2
    texts = {subject.partition(":")[0]: text for _, subject, text in morning.mails()}
    assert "Roof" in texts["North"]
    assert "Door" not in texts["North"]
    assert "company=south" in texts["South"]


def test_calls_are_made_at_once_and_once_more_later(morning):
    heard = []
    calls = MailCalls(morning.installation.catalog, lambda: morning.moment)
    calls._publish = heard.extend
    calls.add("t_a")
    calls.add("t_a")
    assert calls.make() == 1
    calls.add("t_a")
    assert calls.make() == 0
    morning.moment += AGAIN_AFTER
    assert calls.make() == 1
    morning.moment += AGAIN_AFTER
    assert calls.make() == 0
    assert heard == ["t_a", "t_a"]


def test_every_kind_has_a_default():
    assert set(DEFAULT_MAIL.values()) <= {"never", "digest", "soon"}
