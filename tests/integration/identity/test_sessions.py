"""Refresh families on a real catalog: one live token, whoever races for it or stole one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from crmtenant.errors import Conflict, DomainError, Forbidden, NotFound, Unauthenticated
from crmtenant.models.catalog.tables import Login, Membership, RefreshFamily, Tenant
from crmtenant.services.identity.refresh_rotation import RotatedSession
from crmtenant.services.identity.sessions import Sessions

DAY = 86_400


@pytest.fixture
def sessions(catalog, clock):
    return Sessions(catalog, 14 * DAY, 30 * DAY, clock)


@pytest.fixture
def company(world):
    return world.company()


@pytest.fixture
def person(world, company):
    return world.member(company)


@pytest.fixture
def started(sessions, person, company):
    return sessions.start(person, company, "Firefox")


def outcome(sessions, token):
    try:
        return sessions.rotate(token)
    except DomainError as refusal:
        return refusal


def is_alive(sessions, token):
    return isinstance(outcome(sessions, token), RotatedSession)


def test_a_refresh_gives_another_token_for_the_same_person_and_company(sessions, started, person, company):
    rotated = sessions.rotate(started.refresh_token)
    assert rotated.refresh_token != started.refresh_token
    assert (rotated.id, rotated.user_id, rotated.tenant_id) == (started.id, person, company)
    assert rotated.token_version == 1
    assert is_alive(sessions, rotated.refresh_token)


def test_only_a_hash_of_the_secret_is_kept(catalog, sessions, started):
    secret = started.refresh_token.split(".")[1].encode()
    with catalog.begin() as session:
        family = session.get_one(RefreshFamily, started.id)
        assert secret not in family.token_hash
        assert len(family.token_hash) == 32


def test_of_eight_parallel_refreshes_one_gets_the_only_live_token(sessions, started):
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: outcome(sessions, started.refresh_token), range(8)))
    winners = [result for result in outcomes if isinstance(result, RotatedSession)]
    others = [result for result in outcomes if not isinstance(result, RotatedSession)]
    assert len(winners) == 1
    assert [type(other) for other in others] == [Conflict] * 7
    assert {other.reason for other in others} == {"refresh_in_progress"}
    assert is_alive(sessions, winners[0].refresh_token)


def test_a_thief_who_replays_within_the_grace_gets_nothing_and_harms_nobody(sessions, started, clock):
    victim = sessions.rotate(started.refresh_token)
    clock.advance(4.9)
    assert isinstance(outcome(sessions, started.refresh_token), Conflict)
    assert is_alive(sessions, victim.refresh_token)


def test_a_thief_who_replays_after_the_grace_kills_the_family_for_both(sessions, started, clock):
    victim = sessions.rotate(started.refresh_token)
    clock.advance(5)
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)
    assert not is_alive(sessions, victim.refresh_token)


def test_the_last_token_but_two_kills_the_family_even_within_the_grace(sessions, started):
    second = sessions.rotate(started.refresh_token)
    third = sessions.rotate(second.refresh_token)
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)
    assert not is_alive(sessions, third.refresh_token)


def test_one_family_dies_alone(sessions, started, person, company, clock):
    other = sessions.start(person, company)
    sessions.rotate(started.refresh_token)
    clock.advance(10)
    outcome(sessions, started.refresh_token)
    assert is_alive(sessions, other.refresh_token)


def test_an_idle_sign_in_ends(sessions, started, clock):
    clock.advance(14 * DAY)
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)


def test_use_keeps_a_sign_in_alive_but_not_beyond_its_absolute_end(sessions, started, clock):
    token = started.refresh_token
    for _ in range(2):
        clock.advance(13 * DAY)
        token = sessions.rotate(token).refresh_token
    clock.advance(4 * DAY)
    assert isinstance(outcome(sessions, token), Unauthenticated)


@pytest.mark.parametrize(
    "token",
    ["", ".", "f_", "x" * 4000, "f_" + "a" * 26, "f_" + "a" * 26 + "." + "b" * 43, "f_\x00.b", "é.é"],
    ids=["empty", "dot", "prefix", "long", "no secret", "unknown", "nul", "letters"],
)
def test_what_is_no_refresh_token_is_refused(sessions, token):
    with pytest.raises(Unauthenticated) as refusal:
        sessions.rotate(token)
    assert refusal.value.reason == "invalid_refresh_token"


def test_a_bumped_version_shows_in_the_next_refresh(world, sessions, started, person):
    world.change(Login, person, token_version=7)
    assert sessions.rotate(started.refresh_token).token_version == 7


def test_no_token_for_a_removed_member(world, sessions, started, person, company):
    world.change(Membership, (person, company), state="removed")
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)


def test_no_token_for_a_disabled_person(world, sessions, started, person):
    world.change(Login, person, is_active=False)
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)


@pytest.mark.parametrize("state", ["deleting", "deleted", "failed", "provisioning"])
def test_no_token_for_a_company_that_is_not_there(world, sessions, started, company, state):
    world.change(Tenant, company, state=state)
    assert isinstance(outcome(sessions, started.refresh_token), Unauthenticated)


def test_a_suspended_company_says_so_and_does_not_spend_the_token(world, sessions, started, company):
    world.change(Tenant, company, state="suspended")
    with pytest.raises(Forbidden) as refusal:
        sessions.rotate(started.refresh_token)
    assert refusal.value.reason == "tenant_suspended"
    world.change(Tenant, company, state="active")
    assert is_alive(sessions, started.refresh_token)


def test_ending_a_sign_in_ends_only_that_one(sessions, started, person, company):
    other = sessions.start(person, company)
    sessions.end(started.id, person)
    assert not is_alive(sessions, started.refresh_token)
    assert is_alive(sessions, other.refresh_token)


def test_nobody_ends_the_sign_in_of_another(world, sessions, started, company):
    stranger = world.member(company)
    with pytest.raises(NotFound):
        sessions.end_own(started.id, stranger)
    sessions.end(started.id, stranger)
    assert is_alive(sessions, started.refresh_token)


def test_ending_twice_is_not_found(sessions, started, person):
    sessions.end_own(started.id, person)
    with pytest.raises(NotFound):
        sessions.end_own(started.id, person)


def test_signing_out_by_refresh_token_takes_the_live_and_the_previous_one(sessions, started, person):
    rotated = sessions.rotate(started.refresh_token)
    assert sessions.end_by_token(started.refresh_token) == person
    assert not is_alive(sessions, rotated.refresh_token)


def test_a_wrong_secret_signs_nobody_out(sessions, started):
    assert sessions.end_by_token(f"{started.id}.{'A' * 43}") is None
    assert is_alive(sessions, started.refresh_token)


def test_signing_out_everywhere_ends_all_and_bumps_the_version(catalog, sessions, started, person, company):
    other = sessions.start(person, company)
    sessions.end_all(person)
    assert not is_alive(sessions, started.refresh_token)
    assert not is_alive(sessions, other.refresh_token)
    with catalog.begin() as session:
        assert session.get_one(Login, person).token_version == 2


def test_the_list_shows_live_sign_ins_the_last_used_first(sessions, started, person, company, clock):
    clock.advance(60)
    second = sessions.start(person, company, "Safari\r\nX: y" + "z" * 500)
    ended = sessions.start(person, company)
    sessions.end(ended.id, person)
    shown = sessions.of_user(person)
    assert [sign_in.id for sign_in in shown] == [second.id, started.id]
    assert shown[1].user_agent == "Firefox"
    assert shown[0].user_agent.startswith("SafariX: y")
    assert len(shown[0].user_agent) == 200


def test_a_sign_in_can_move_to_another_company_of_the_person(world, sessions, started, person):
    second = world.company("Southwind")
    world.join(second, person)
    sessions.move(started.id, person, second)
    assert sessions.rotate(started.refresh_token).tenant_id == second


def test_a_given_id_and_secret_make_the_same_sign_in_again(sessions, person, company):
    given = {"family_id": "f_" + "b" * 26, "secret": "C" * 43}
    first = sessions.start(person, company, **given)
    rotated = sessions.rotate(first.refresh_token)
    again = sessions.start(person, company, **given)
    assert again.refresh_token == first.refresh_token
    assert is_alive(sessions, rotated.refresh_token)


def test_what_has_been_over_for_a_day_is_swept(catalog, sessions, started, person, company, clock):
    sessions.end(started.id, person)
    alive = sessions.start(person, company)
    clock.advance(timedelta(days=1, seconds=1).total_seconds())
    sessions.sweep()
    with catalog.begin() as session:
        assert session.get(RefreshFamily, started.id) is None
        assert session.get(RefreshFamily, alive.id) is not None
