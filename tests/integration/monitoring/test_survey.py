"""What operators are shown of the fleet is what there is on the servers."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from crmtenant.clock import now
from crmtenant.db.pool.label import label_of
from crmtenant.db.schema.migrations import head
from crmtenant.models.catalog.company_job import CompanyJob
from crmtenant.models.catalog.tables import Server, SetAside, Tenant
from crmtenant.models.catalog.usage import UsageDay
from crmtenant.services.monitoring import survey as survey_module
from crmtenant.services.monitoring.journal import Journal, command_of
from crmtenant.services.monitoring.survey import SIZES_SECONDS, FleetSurvey
from crmtenant.services.monitoring.work import COMMAND_WITHIN, filling_progress
from tests.clock import Clock
from tests.integration.installation import new_company

NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)


@pytest.fixture
def company(installation):
    return installation.registrar.register(new_company()).tenant_id


@pytest.fixture
def look(installation):
    return FleetSurvey(installation.catalog, installation.servers).look


def only_company(found):
    (one,) = found.companies
    return one


def write(installation, *rows):
    with installation.catalog.begin() as session:
        session.add_all(rows)


def set_company(installation, **values):
    with installation.catalog.begin() as session:
        session.query(Tenant).update(values)


def test_a_company_as_it_is(installation, company, look, tmp_path):
    found = look()
    one = only_company(found)
    assert (one.id, one.slug, one.state, one.drift, one.users) == (company, "northwind", "active", None, 1)
    assert one.size_bytes > 1_000_000
    assert (one.proven_at, one.load, one.requests) == (None, None, None)
    assert one.is_unproven(found.taken_at)
    assert (one.schema_revision, found.revision) == (head("tenant"), head("tenant"))
    (server,) = found.servers
    assert (server.name, server.companies, server.spares, server.has_room) == (one.server, 1, 0, True)
    assert server.used_bytes == one.size_bytes
    assert found.work == []
    backups = installation.operations(tmp_path / "backups").backups
    assert [outcome.problem for outcome in backups.save_all(backups.companies(), by="mara")] == [None]
    found = look()
    assert not only_company(found).is_unproven(found.taken_at)
    assert only_company(found).is_unproven(found.taken_at + timedelta(hours=27))


def test_every_difference_between_catalog_and_server_is_told(installation, company, look):
    (database,) = installation.databases()
    installation.provisioner.label_database(database, label_of(company, 1, "active"))
    told = []

    def see():
        told.append(only_company(look()).drift)

    set_company(installation, schema_revision="0001")
    see()
    set_company(installation, schema_revision=head("tenant"), epoch=7)
    see()
    installation.do("COMMENT ON DATABASE {} IS NULL", database)
    see()
    set_company(installation, state="suspended")
    see()
    set_company(installation, state="active")
    installation.do("ALTER DATABASE {} ALLOW_CONNECTIONS false", database)
    see()
    installation.do("DROP DATABASE {} WITH (FORCE)", database)
    see()
    set_company(installation, state="deleted")
    see()
    assert told == ["behind", "label", None, "open", "closed", "missing", None]


def test_what_changes_while_the_servers_are_asked_is_no_difference(installation, company, look, monkeypatch):
    take_inventory = survey_module.take_inventory

    def then_suspend(admin, names):
        inventory = take_inventory(admin, names)
        installation.lifecycle().suspend(company)
        return inventory

    monkeypatch.setattr(survey_module, "take_inventory", then_suspend)
    assert (only_company(look()).state, only_company(look()).drift) == ("suspended", None)


def test_a_server_that_is_down_hides_no_other(installation, company, look):
    write(installation, Server(name="away", host="127.0.0.1", port=1, admin_user="nobody"))
    try:
        with capture_logs() as logs:
            found = look()
        assert [entry["event"] for entry in logs] == ["server_unreachable"]
        assert {one.name: (one.is_reachable, one.has_room) for one in found.servers} == {
            only_company(found).server: (True, True),
            "away": (False, False),
        }
        assert only_company(found).drift is None
        with installation.catalog.begin() as session:
            away = session.query(Server).filter_by(name="away").one()
            session.query(Tenant).update({"server_id": away.id})
        with capture_logs():
            assert only_company(look()).drift == "unreachable"
    finally:
        with installation.catalog.begin() as session:
            home = session.query(Server).filter(Server.host.is_(None)).one()
            session.query(Tenant).update({"server_id": home.id})
            session.query(Server).filter_by(name="away").delete()


def test_load_is_that_of_a_day(installation, company, look, monkeypatch):
    monkeypatch.setattr(survey_module, "now", lambda: NOON)
    for days, factor in ((0, 1), (1, 2), (2, 100)):
        figures = {"requests": 100 * factor, "errors": factor, "thread_seconds": 4320.0 * factor}
        write(installation, UsageDay(day=NOON.date() - timedelta(days=days), tenant_id=company, **figures))
    found = look()
    one = only_company(found)
    # All of today, and half of yesterday.
    assert (one.requests, one.errors, one.load) == (200, 2, pytest.approx(0.1))
    assert found.servers[0].load == pytest.approx(0.1)


def test_what_is_being_done_is_shown_in_the_order_it_began(installation, company, look, tmp_path):
    moment = now()
    (database,) = installation.databases()
    home = installation.rows("SELECT server_id FROM tenant")[0][0]
    job = CompanyJob(
        id="j_1",
        tenant_id=company,
        kind="sandbox",
        state="running",
        asked_by="u_1",
        request={},
        step="masking",
        progress=70,
        attempts=1,
        created_at=moment - timedelta(minutes=4),
    )
    done = CompanyJob(
        id="j_2",
        tenant_id=company,
        kind="backup",
        state="done",
        asked_by="u_1",
        request={},
        progress=100,
        attempts=1,
    )
    filling = SetAside(
        database="t_" + "a" * 26,
        server_id=home,
        tenant_id=company,
        purpose="restoring",
        drop_after=moment,
        created_at=moment - timedelta(minutes=3),
    )
    write(installation, job, done, filling)
    set_company(installation, migrating_until=moment + timedelta(seconds=30))
    journal = Journal(tmp_path, installation.catalog)
    command = command_of("move", ["northwind", "--to", "berlin2"], "production.ini")
    journal.begin(command, ["northwind"])
    ended = journal.begin(command_of("backup", ["northwind"], "production.ini"), ["northwind"])
    journal.end(ended, 0, "")
    work = [one for one in look().work if one.kind != "command" or "berlin2" in one.step]
    kinds = {one.kind: one for one in work}
    assert [one.kind for one in work[:2]] == ["sandbox", "filling"]
    assert kinds.keys() == {"sandbox", "filling", "paused", "command"}
    assert (kinds["sandbox"].step, kinds["sandbox"].progress) == ("masking", 70)
    assert kinds["command"].step == f"move northwind --to berlin2 ({command.operator})"
    # While it is being filled, its own size says how far it is.
    set_aside = filling.database
    with installation.catalog.begin() as session:
        session.query(SetAside).filter_by(database=set_aside).update({"database": database})
    assert {one.kind: one.progress for one in look().work}["filling"] == 99
    journal.end(command, 0, "")
    later = [one.step for one in look().work if one.kind == "command"]
    assert not [step for step in later if "berlin2" in step]
    assert timedelta(hours=1) < COMMAND_WITHIN < timedelta(days=1)


@pytest.mark.parametrize(
    ("filled", "whole", "progress"),
    [(None, 100, None), (50, None, None), (50, 0, None), (42, 100, 42), (300, 100, 99)],
)
def test_progress_of_filling_is_never_more_than_nearly_done(filled, whole, progress):
    assert filling_progress(filled, whole) == progress


def test_however_many_ask_the_servers_are_asked_once(installation, company, monkeypatch):
    clock, asked = Clock(), []
    database_sizes = survey_module.database_sizes
    monkeypatch.setattr(
        survey_module, "database_sizes", lambda *of: asked.append("sizes") or database_sizes(*of)
    )
    take_inventory = survey_module.take_inventory
    monkeypatch.setattr(
        survey_module, "take_inventory", lambda *of: asked.append("inventory") or take_inventory(*of)
    )
    survey = FleetSurvey(installation.catalog, installation.servers, max_age_seconds=5, clock=clock)
    threads = [threading.Thread(target=survey.look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert asked == ["sizes", "inventory"]
    clock.put_forward(6)
    first = survey.look()
    assert asked == ["sizes", "inventory", "inventory"]
    assert survey.look() is first
    clock.put_forward(SIZES_SECONDS)
    survey.look()
    assert asked[3:] == ["sizes", "inventory"]
