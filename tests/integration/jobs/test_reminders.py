"""The mails that tell people in the morning what is due."""

from datetime import UTC, datetime, timedelta

from crmtenant.clock import now
from crmtenant.models.catalog.tables import Login, Mail, Membership, Tenant
from crmtenant.services.crm.due_tasks import NAMED
from tests.integration.jobs.morning import TODAY

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


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


def test_a_reminder_is_a_mail_like_any_other(morning):
    company, anna = morning.company()
    morning.task(company, "100 % {done}", to=[anna])
    morning.reminders.remind()
    with morning.installation.catalog.begin() as session:
        mail = session.query(Mail).one()
        assert (mail.kind, mail.tenant_id) == ("reminder", company)
        assert "- 100 % {done}: today" in mail.text
