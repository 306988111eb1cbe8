"""Who may come in, how long an answer is kept, and that one process hears of another's changes."""

from __future__ import annotations

from functools import partial

import pytest

from crmtenant.errors import Forbidden, Unauthenticated
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.services.identity.access import AccessDirectory
from crmtenant.services.identity.sessions import Sessions

TTL_SECONDS = 0.5


class Ticks:
    """A monotonic clock put forward by hand."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def directory(catalog, ticks):
    return AccessDirectory(catalog, TTL_SECONDS, ticks)


@pytest.fixture
def company(world):
    return world.company("Northwind")


@pytest.fixture
def person(world, company):
    return world.member(company, "admin", "Anna Berg")


def refusal(directory, company, person, session_id="f_none", version=1):
    return directory.find(company, person).refusal(version, session_id)


def test_one_look_up_says_everything_about_a_person_in_a_company(directory, company, person):
    access = directory.find(company, person)
    assert (access.person_name, access.company_name, access.role) == ("Anna Berg", "Northwind", "admin")
    assert (access.tenant_state, access.membership_state, access.login_is_active) == (
        "active",
        "active",
        True,
    )
    assert (access.token_version, access.password_version, access.slug) == (1, 1, company)
    assert access.database.startswith("t_")
    assert access.ended_sessions == frozenset()
    assert access.refusal(1, "f_none") is None


def test_strangers_have_no_access(directory, world, company, person):
    assert directory.find(world.company(), person) is None
    assert directory.find(company, world.person()) is None
    assert directory.find("c_unknown", "u_unknown") is None


def test_an_answer_is_kept_for_its_time_and_no_longer(directory, world, company, person, ticks):
    directory.find(company, person)
    world.change(Membership, (person, company), role="viewer")
    ticks.now += TTL_SECONDS * 0.99
    assert directory.find(company, person).role == "admin"
    ticks.now += TTL_SECONDS * 0.02
    assert directory.find(company, person).role == "viewer"


@pytest.mark.parametrize("forget", ["forget_user", "forget_company"])
def test_a_forgotten_answer_is_asked_again_at_once(directory, world, company, person, forget):
    directory.find(company, person)
    world.change(Membership, (person, company), role="viewer")
    getattr(directory, forget)(person if forget == "forget_user" else company)
    assert directory.find(company, person).role == "viewer"


def test_what_was_being_looked_up_while_it_changed_is_not_kept(
    directory, world, company, person, monkeypatch
):
    """The answer of before the change arrives after it was forgotten."""
    look_up = directory._look_up

    def changed_meanwhile(*key):
        access = look_up(*key)
        world.change(Membership, (person, company), role="viewer")
        directory.forget_user(person)
        return access

    monkeypatch.setattr(directory, "_look_up", changed_meanwhile)
    found = directory.found(company, person)
    assert (found.access.role, directory.is_good(found)) == ("admin", False)
    monkeypatch.undo()
    assert directory.find(company, person).role == "viewer"


def test_what_was_found_is_good_for_its_time_unless_either_is_forgotten(
    directory, world, company, person, ticks
):
    found = directory.found(company, person)
    assert directory.is_good(found)
    for forget in (partial(directory.forget_user, person), partial(directory.forget_company, company)):
        forget()
        assert not directory.is_good(found)
        found = directory.found(company, person)
        assert directory.is_good(found)
    ticks.now += TTL_SECONDS
    assert not directory.is_good(found)


def test_forgetting_one_person_keeps_the_others(directory, world, company, person):
    other = world.member(company)
    directory.find(company, other)
    world.change(Membership, (other, company), role="viewer")
    directory.forget_user(person)
    assert directory.find(company, other).role == "member"


@pytest.mark.parametrize(
    ("model", "change", "expected"),
    [
        (Membership, {"state": "removed"}, Unauthenticated),
        (Login, {"is_active": False}, Unauthenticated),
        (Login, {"token_version": 2}, Unauthenticated),
        (Tenant, {"state": "deleted"}, Unauthenticated),
        (Tenant, {"state": "deleting"}, Unauthenticated),
        (Tenant, {"state": "provisioning"}, Unauthenticated),
        (Tenant, {"state": "failed"}, Unauthenticated),
        (Tenant, {"state": "suspended"}, Forbidden),
    ],
)
def test_a_second_process_refuses_within_its_time(
    catalog, world, company, person, ticks, model, change, expected
):
    here, there = AccessDirectory(catalog, TTL_SECONDS, ticks), AccessDirectory(catalog, TTL_SECONDS, ticks)
    assert refusal(here, company, person) is None
    assert refusal(there, company, person) is None
    keys = {Membership: (person, company), Login: person, Tenant: company}
    world.change(model, keys[model], **change)
    here.forget_user(person)
    assert isinstance(refusal(here, company, person), expected)
    ticks.now += TTL_SECONDS
    assert isinstance(refusal(there, company, person), expected)


def test_a_removed_member_of_a_suspended_company_does_not_learn_that_it_is_suspended(
    directory, world, company, person
):
    world.change(Tenant, company, state="suspended")
    world.change(Membership, (person, company), state="removed")
    assert isinstance(refusal(directory, company, person), Unauthenticated)


def test_tokens_of_an_ended_sign_in_are_refused_and_of_another_are_not(
    catalog, directory, company, person, ticks
):
    sessions = Sessions(catalog, 1000, 1000)
    ended, alive = sessions.start(person, company), sessions.start(person, company)
    assert refusal(directory, company, person, ended.id) is None
    sessions.end(ended.id, person)
    directory.forget_user(person)
    assert isinstance(refusal(directory, company, person, ended.id), Unauthenticated)
    assert refusal(directory, company, person, alive.id) is None


def test_sign_ins_ended_longer_ago_than_a_token_lives_are_not_carried_along(
    catalog, directory, company, person, clock
):
    clock.advance(-21 * 60)
    sessions = Sessions(catalog, 100_000, 100_000, clock)
    sessions.end(sessions.start(person, company).id, person)
    assert directory.find(company, person).ended_sessions == frozenset()


def test_company_and_person_count_as_one_query(directory, company, person, catalog, monkeypatch):
    statements = []
    original = type(catalog).reading

    def counted(self):
        statements.append(1)
        return original(self)

    monkeypatch.setattr(type(catalog), "reading", counted)
    for _ in range(5):
        directory.find(company, person)
    assert len(statements) == 1


def test_a_token_newer_than_what_is_kept_is_not_refused_for_it(directory, world, company, person):
    directory.find(company, person)
    world.change(Login, person, token_version=2)
    assert directory.find(company, person, seen_version=1).token_version == 1
    assert directory.find(company, person, seen_version=2).token_version == 2
