"""People are found by their address, however it is spelled, and exist once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from crmtenant.errors import Conflict
from crmtenant.services.identity import users
from crmtenant.services.identity.users import read_email


def create(catalog, email):
    try:
        with catalog.begin() as session:
            return users.create(session, email=email, name="Anna", password_hash="old")
    except Conflict as refusal:
        return refusal


def test_a_person_is_found_by_every_spelling_of_their_address(catalog):
    user_id = create(catalog, read_email("Anna.Berg@Exämple.de"))
    with catalog.reading() as reader:
        person = users.find(reader, read_email("anna.berg@xn--exmple-cua.DE").key)
        assert person == users.find_by_id(reader, user_id)
    assert (person.id, person.email, person.is_active) == (user_id, "Anna.Berg@exämple.de", True)


def test_nobody_is_found_by_an_unknown_address(catalog):
    with catalog.reading() as reader:
        assert users.find(reader, "nobody@example.com") is None
        assert users.find_by_id(reader, "u_nobody") is None


def test_an_address_is_one_persons_even_if_many_ask_at_once(catalog):
    email = read_email("race@example.com")
    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(lambda _: create(catalog, email), range(16)))
    assert sum(isinstance(outcome, str) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 15


def test_a_rehash_replaces_only_the_hash_that_was_checked(catalog):
    email = read_email("rehash@example.com")
    user_id = create(catalog, email)
    with catalog.begin() as session:
        users.replace_hash(session, user_id, "another", "new")
    with catalog.reading() as reader:
        assert users.find(reader, email.key).password_hash == "old"
    with catalog.begin() as session:
        users.replace_hash(session, user_id, "old", "new")
    with catalog.reading() as reader:
        assert users.find(reader, email.key).password_hash == "new"


@pytest.mark.parametrize("state", [True, False])
def test_a_disabled_person_is_found_as_disabled(world, state):
    user_id = world.person(is_active=state)
    with world.catalog.reading() as reader:
        assert users.find(reader, f"{user_id}@example.com").is_active is state
