"""Invitations are for one address, one company and one use."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from crmtenant.clock import now
from crmtenant.errors import Conflict, DomainError, Invalid
from crmtenant.models.catalog.tables import Invitation, Login, Tenant
from crmtenant.services.identity import users
from crmtenant.services.members import invitations, members
from crmtenant.text.emails import Email


@pytest.fixture
def company(world):
    return world.company()


@pytest.fixture
def owner(world, company):
    return world.member(company, "owner")


@pytest.fixture
def email(owner):
    address = f"new-{owner[2:]}@example.com"
    return Email(address, address)


@pytest.fixture
def invite(catalog, company, owner, email):
    def act(role="member", email=email, company=company):
        with catalog.begin() as session:
            return invitations.invite(session, company, email, "Bo", role, actor_id=owner)

    return act


def accept(catalog, token):
    try:
        with catalog.begin() as session:
            return invitations.accept(session, token, invitations.NewLogin("Bo Ek", "hash"))
    except DomainError as refusal:
        return refusal


def test_an_invitation_makes_a_person_and_a_member(catalog, company, invite, email):
    user_id = accept(catalog, invite("viewer").token)
    with catalog.reading() as reader:
        member = members.find(reader, company, user_id)
        person = users.find(reader, email.key)
    assert (member.name, member.role, member.email) == ("Bo Ek", "viewer", email.address)
    assert (person.id, person.password_hash) == (user_id, "hash")


def test_nobody_exists_before_the_invitation_is_taken_up(catalog, invite, email):
    invite()
    with catalog.reading() as reader:
        assert users.find(reader, email.key) is None


def test_an_open_invitation_says_what_it_is_for(catalog, company, invite, email):
    invited = invite("admin")
    with catalog.reading() as reader:
        found = invitations.get_open(reader, invited.token)
    assert (found.tenant_id, found.email, found.role, found.company_name) == (
        company,
        email,
        "admin",
        "Northwind",
    )


def test_only_a_hash_of_the_token_is_kept(catalog, invite):
    invited = invite()
    with catalog.begin() as session:
        kept = session.scalars(select(Invitation.token_hash)).all()
    assert invited.token.encode() not in kept


def test_an_invitation_is_good_once(catalog, invite):
    token = invite().token
    assert isinstance(accept(catalog, token), str)
    assert isinstance(accept(catalog, token), Invalid)


def test_of_two_who_take_it_up_at_once_one_does(catalog, invite):
    token = invite().token
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda _: accept(catalog, token), range(2)))
    assert sorted(map(type, outcomes), key=str) == [Invalid, str]


def test_a_second_invitation_voids_the_first(catalog, invite):
    first, second = invite(), invite("viewer")
    assert isinstance(accept(catalog, first.token), Invalid)
    assert isinstance(accept(catalog, second.token), str)


def test_an_invitation_expires(catalog, world, invite):
    invited = invite()
    with catalog.begin() as session:
        row = session.scalars(select(Invitation).where(Invitation.email == invited.email)).one()
        row.expires_at = now() - timedelta(seconds=1)
    assert isinstance(accept(catalog, invited.token), Invalid)
    with catalog.reading() as reader, pytest.raises(Invalid):
        invitations.get_open(reader, invited.token)


def test_an_invitation_to_a_suspended_company_waits(catalog, world, company, invite):
    invited = invite()
    world.change(Tenant, company, state="suspended")
    assert isinstance(accept(catalog, invited.token), Invalid)
    world.change(Tenant, company, state="active")
    assert isinstance(accept(catalog, invited.token), str)


def test_an_address_that_got_a_login_meanwhile_is_not_given_away(catalog, world, invite, email):
    invited = invite()
    person = world.person("Bo", email=email.address, email_key=email.key, password_hash="theirs")
    refusal = accept(catalog, invited.token)
    assert isinstance(refusal, Conflict)
    assert refusal.reason == "email_taken"
    with catalog.begin() as session:
        assert session.get_one(Login, person).password_hash == "theirs"


def test_one_address_invited_to_two_companies_becomes_one_person(catalog, world, owner, invite):
    second = world.company()
    world.join(second, owner, "owner")
    tokens = [invite().token, invite(company=second).token]
    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(lambda token: accept(catalog, token), tokens))
    assert sorted(map(type, outcomes), key=str) == [Conflict, str]


@pytest.mark.parametrize("token", ["", "x", "\x00", "\ud800", "x" * 5000])
def test_what_is_no_invitation_is_refused(catalog, token):
    assert isinstance(accept(catalog, token), Invalid)


def test_expired_invitations_are_swept_and_open_ones_are_not(catalog, invite, world, owner, company):
    old = invite()
    other = Email(f"other-{owner[2:]}@example.com", f"other-{owner[2:]}@example.com")
    still_open = invite(email=other)
    with catalog.begin() as session:
        row = session.scalars(select(Invitation).where(Invitation.email == old.email)).one()
        row.expires_at = now() - timedelta(seconds=1)
    invitations.sweep(catalog)
    with catalog.begin() as session:
        left = session.scalars(select(Invitation.email).where(Invitation.tenant_id == company)).all()
    assert left == [still_open.email]
