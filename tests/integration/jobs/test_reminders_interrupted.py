"""Reminders where companies are closed or unreachable, and with several or killed processes."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from crmtenant.db.pool.label import Label
from crmtenant.models.catalog.tables import Tenant
from crmtenant.services.jobs.reminders import RETRY
from crmtenant.services.mail.outbox import MailOutbox
from tests.integration.saving import address_of


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


def test_nobody_is_reminded_of_what_is_in_another_companys_database(morning):
    north, anna = morning.company()
    morning.task(north, "Call", to=[anna])
    ((database,),) = morning.installation.rows("SELECT database FROM tenant WHERE id = :id", id=north)
    morning.installation.provisioner.label_database(database, Label("c_another", 1, "active"))
    morning.installation.broker.forget(address_of(morning.installation, north))
    with capture_logs():
        assert morning.reminders.remind() == 0
    assert morning.installation.rows("SELECT 1 FROM mail") == []
