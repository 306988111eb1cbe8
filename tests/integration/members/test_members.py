"""Who may make whom what, and that a company never loses its last owner."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from crmtenant.errors import Conflict, DomainError, Forbidden, NotFound
from crmtenant.models.catalog.tables import Login, Membership, Tenant
from crmtenant.permissions import Role
from crmtenant.services.identity.sessions import Sessions
from crmtenant.services.identity.users import companies_of
from crmtenant.services.members import members
from crmtenant.text.emails import Email


class Company:
    """A company with one member of each role, and the changes tried on it."""

    def __init__(self, world):
        self.world = world
        self.id = world.company()
        self.people = {role: world.member(self.id, role, f"{role.title()} Person") for role in Role}

    def change(self, who, role, *, by):
        with self.world.catalog.begin() as session:
            return members.change_role(session, self.id, self._id(who), role, actor_id=self._id(by))

    def remove(self, who, *, by):
        with self.world.catalog.begin() as session:
            members.remove(session, self.id, self._id(who), actor_id=self._id(by))

    def add(self, address, role, *, by):
        with self.world.catalog.begin() as session:
            members.check_invitable(session, self.id, Email(address, address), role, actor_id=self._id(by))
            user_id = session.scalar(select(Login.id).where(Login.email_key == address))
            return members.join(session, self.id, user_id, role) if user_id else None

    def roles(self):
        with self.world.catalog.reading() as reader:
            return {member.id: member.role for member in members.find_all(reader, self.id)}

    def _id(self, who):
        return self.people.get(who, who)


@pytest.fixture
def company(world):
    return Company(world)


def test_the_list_has_every_active_member_by_name(company, world):
    company.remove("viewer", by="owner")
    world.member(world.company())
    with world.catalog.reading() as reader:
        listed = members.find_all(reader, company.id)
    assert [member.name for member in listed] == ["Admin Person", "Member Person", "Owner Person"]
    assert [member.role for member in listed] == ["admin", "member", "owner"]


def test_one_member_can_be_found_and_a_stranger_cannot(company, world):
    stranger = world.member(world.company())
    with world.catalog.reading() as reader:
        assert members.find(reader, company.id, company.people["admin"]).role == "admin"
        assert members.find(reader, company.id, stranger) is None


@pytest.mark.parametrize("actor", ["owner", "admin"])
@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_owners_and_admins_change_roles(company, actor, role):
    assert company.change("member", role, by=actor).role == role
    assert company.roles()[company.people["member"]] == role


@pytest.mark.parametrize("actor", ["member", "viewer"])
def test_members_and_viewers_change_nobody(company, actor):
    with pytest.raises(Forbidden):
        company.change("viewer", "member", by=actor)
    with pytest.raises(Forbidden):
        company.remove("admin", by=actor)
    with pytest.raises(Forbidden):
        company.add("nobody@example.com", "viewer", by=actor)


def test_only_an_owner_makes_an_owner(company):
    with pytest.raises(Forbidden):
        company.change("member", "owner", by="admin")
    with pytest.raises(Forbidden):
        company.change("admin", "owner", by="admin")
    assert company.change("member", "owner", by="owner").role == "owner"


def test_only_an_owner_unmakes_an_owner(company):
    with pytest.raises(Forbidden):
        company.change("owner", "viewer", by="admin")
    with pytest.raises(Forbidden):
        company.remove("owner", by="admin")
    company.change("member", "owner", by="owner")
    assert company.change("owner", "viewer", by="member").role == "viewer"


@pytest.mark.parametrize("role", ["admin", "member", "viewer"])
def test_the_last_owner_cannot_step_down(company, role):
    with pytest.raises(Conflict) as refusal:
        company.change("owner", role, by="owner")
    assert refusal.value.reason == "last_owner"


def test_the_last_owner_cannot_be_removed(company):
    with pytest.raises(Conflict) as refusal:
        company.remove("owner", by="owner")
    assert refusal.value.reason == "last_owner"


def test_an_owner_may_stay_owner(company):
    assert company.change("owner", "owner", by="owner").role == "owner"


def test_a_disabled_owner_does_not_count(company, world):
    company.change("member", "owner", by="owner")
    world.change(Login, company.people["member"], is_active=False)
    with pytest.raises(Conflict):
        company.remove("owner", by="owner")


def test_two_owners_who_step_down_at_once_leave_one(company):
    company.change("member", "owner", by="owner")

    def step_down(who):
        try:
            return company.change(who, "viewer", by=who).role
        except DomainError as refusal:
            return refusal.reason

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(step_down, ["owner", "member"]))
    assert outcomes == ["last_owner", "viewer"]
    assert list(company.roles().values()).count("owner") == 1


def test_who_was_removed_is_gone_and_can_do_nothing(company, world):
    company.remove("admin", by="owner")
    assert company.people["admin"] not in company.roles()
    with pytest.raises(Forbidden):
        company.change("member", "viewer", by="admin")
    with pytest.raises(NotFound):
        company.remove("admin", by="owner")
    with pytest.raises(NotFound):
        company.change("admin", "viewer", by="owner")


def test_who_was_removed_is_signed_out_of_this_company_only(company, world):
    sessions = Sessions(world.catalog, 1000, 1000)
    person, other = company.people["member"], world.company()
    world.join(other, person)
    here, there = sessions.start(person, company.id), sessions.start(person, other)
    company.remove("member", by="owner")
    assert [sign_in.id for sign_in in sessions.of_user(person)] == [there.id]
    assert here.id != there.id


def test_strangers_are_not_found(company, world):
    stranger = world.member(world.company())
    with pytest.raises(NotFound):
        company.change(stranger, "viewer", by="owner")
    with pytest.raises(NotFound):
        company.remove("u_" + "a" * 26, by="owner")


def test_the_owner_of_another_company_can_do_nothing_here(company, world):
    stranger = world.member(world.company(), "owner")
    with pytest.raises(Forbidden):
        company.remove("viewer", by=stranger)


def test_nothing_changes_in_a_suspended_company(company, world):
    world.change(Tenant, company.id, state="suspended")
    with pytest.raises(NotFound):
        company.remove("viewer", by="owner")


def test_somebody_with_a_login_joins(company, world):
    person = world.person("Bo")
    assert company.add(f"{person}@example.com", "member", by="admin").id == person
    assert company.roles()[person] == "member"


def test_nobody_joins_twice(company, world):
    person = world.person("Bo")
    company.add(f"{person}@example.com", "member", by="admin")
    with pytest.raises(Conflict) as refusal:
        company.add(f"{person}@example.com", "viewer", by="admin")
    assert refusal.value.reason == "already_member"
    assert company.roles()[person] == "member"


def test_who_was_removed_can_come_back_in_another_role(company, world):
    company.remove("admin", by="owner")
    person = company.people["admin"]
    assert company.add(f"{person}@example.com", "viewer", by="owner").role == "viewer"


def test_an_admin_adds_no_owner(company, world):
    person = world.person("Bo")
    with pytest.raises(Forbidden):
        company.add(f"{person}@example.com", "owner", by="admin")


def test_an_unknown_address_adds_nobody(company):
    before = company.roles()
    assert company.add("nobody@example.com", "member", by="owner") is None
    assert company.roles() == before


def test_a_person_sees_active_and_suspended_companies_and_no_others(world):
    person, companies = world.person(), {}
    for state in ("active", "suspended", "deleted", "deleting", "failed", "provisioning"):
        companies[state] = world.company(state.title(), state)
        world.join(companies[state], person)
    left = world.company("Left")
    world.join(left, person)
    world.change(Membership, (person, left), state="removed")
    with world.catalog.reading() as reader:
        found = companies_of(reader, person)
    assert [(company.id, company.state) for company in found] == [
        (companies["active"], "active"),
        (companies["suspended"], "suspended"),
    ]
