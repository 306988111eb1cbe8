"""Owners who want their company deleted, and think better of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crmtenant.clock import now
from crmtenant.models.catalog.deletion_receipt import DeletionReceipt
from crmtenant.models.catalog.tables import Mail, Tenant
from crmtenant.platform import Platform
from tests.functional.identity.people import Client


@pytest.fixture
def owner(newcomer: Callable[..., Client]) -> Client:
    person = newcomer()
    company = person.register(company_name="Leaving").json["company"]
    person.company_id, person.slug = company["id"], company["slug"]  # type: ignore[attr-defined]
    return person


def _state(platform: Platform, owner: Client) -> tuple[str, bool]:
    with platform.databases.catalog.begin() as session:
        company = session.get_one(Tenant, owner.company_id)  # type: ignore[attr-defined]
        return company.state, company.delete_after is not None


def test_a_company_goes_on_until_its_day_and_everybody_knows_it(platform: Platform, owner: Client) -> None:
    answer = owner.call("PUT", "/api/company/deletion", {"company": owner.slug})  # type: ignore[attr-defined]
    assert answer.status_int == 200
    day = answer.json["delete_after"]
    assert owner.call("GET", "/api").json["company"]["delete_after"] == day
    assert owner.call("GET", "/api/company").json["delete_after"] == day
    made = owner.call("POST", "/api/contacts", {"kind": "person", "given_name": "Ben", "family_name": "Cole"})
    assert made.status_int == 201
    assert _state(platform, owner) == ("active", True)
    again = owner.call("PUT", "/api/company/deletion", {"company": owner.slug})  # type: ignore[attr-defined]
    assert again.json["delete_after"] == day
    with platform.databases.catalog.begin() as session:
        mails = session.scalars(
            select(Mail).where(Mail.kind == "deletion", Mail.tenant_id == owner.company_id)
        )  # type: ignore[attr-defined]
        assert "Leaving will be deleted" in mails.all()[0].subject


def test_it_can_be_called_off(platform: Platform, owner: Client) -> None:
    owner.call("PUT", "/api/company/deletion", {"company": owner.slug})  # type: ignore[attr-defined]
    assert owner.call("DELETE", "/api/company/deletion").status_int == 204
    assert _state(platform, owner) == ("active", False)
    assert owner.call("GET", "/api").json["company"]["delete_after"] is None


def test_it_must_be_meant(platform: Platform, owner: Client) -> None:
    answer = owner.call("PUT", "/api/company/deletion", {"company": "another"})
    assert (answer.status_int, answer.json["errors"][0]["pointer"]) == (422, "/company")
    assert _state(platform, owner) == ("active", False)


def test_only_owners_decide(platform: Platform, owner: Client, newcomer: Callable[..., Client]) -> None:
    body = {"email": "admin-of-leaving@example.com", "role": "admin"}
    token = owner.call("POST", "/api/members", body).json["invitation_token"]
    admin = newcomer()
    draft = {"token": token, "name": "Ida", "password": "seven green umbrellas"}
    admin.keep(admin.call("POST", "/api/invitations", draft))
    for method, data in (("PUT", {"company": owner.slug}), ("DELETE", None)):  # type: ignore[attr-defined]
        assert admin.call(method, "/api/company/deletion", data).status_int == 403
    assert _state(platform, owner) == ("active", False)


def test_when_the_day_has_come_it_is_saved_and_gone(platform: Platform, owner: Client) -> None:
    owner.call("PUT", "/api/company/deletion", {"company": owner.slug})  # type: ignore[attr-defined]
    company_id = owner.company_id  # type: ignore[attr-defined]
    platform.operations.cleanup.sweep()
    assert _state(platform, owner) == ("active", True)
    with platform.databases.catalog.begin() as session:
        past = now() - timedelta(minutes=1)
        session.execute(update(Tenant).where(Tenant.id == company_id).values(delete_after=past))
    platform.operations.cleanup.sweep()
    with platform.databases.catalog.begin() as session:
        assert session.get(Tenant, company_id) is None
        receipt = session.get_one(DeletionReceipt, company_id)
        assert receipt.last_backup_sha256 is not None
    assert owner.call("GET", "/api").status_int == 401
