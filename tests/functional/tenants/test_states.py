"""Suspended, restored, deleted, brought back: what people in other processes notice of it."""

import pytest

# Longer than any process keeps what the catalog said.
A_MOMENT = 1.0


@pytest.fixture
def company(client, platform):
    found = client.register().json
    made = client.call("POST", "/api/contacts", {"kind": "person", "given_name": "Bo"})
    assert made.status_int == 201
    return found["company"]["id"]


def contact_names(client):
    answer = client.call("GET", "/api/contacts")
    assert answer.status_int == 200, answer.text
    return [item["name"] for item in answer.json["items"]]


def test_a_suspended_company_is_shut_in_every_process_and_comes_back(
    client, second, platform, company, clock
):
    second.token = client.token
    assert contact_names(second) == ["Bo"]
    platform.operations.lifecycle.suspend(company)
    assert client.call("GET", "/api/contacts").json["code"] == "tenant_suspended"
    clock.put_forward(A_MOMENT)
    answer = second.call("POST", "/api/contacts", {"kind": "person", "given_name": "Late"})
    assert (answer.status_int, answer.json["code"]) == (403, "tenant_suspended")
    platform.operations.lifecycle.resume(company)
    clock.put_forward(A_MOMENT)
    assert contact_names(second) == contact_names(client) == ["Bo"]


def test_a_deleted_company_is_gone_for_its_people_until_it_is_brought_back(
    client, newcomer, platform, company
):
    email = client.who().json["user"]["email"]
    platform.operations.lifecycle.delete(company)
    assert client.call("GET", "/api/contacts").status_int == 401
    assert newcomer().sign_in(email).status_int in {401, 403}
    assert client.refresh().status_int == 401
    platform.operations.lifecycle.undelete(company)
    back = newcomer()
    back.keep(back.sign_in(email))
    assert contact_names(back) == ["Bo"]


def test_who_works_on_after_a_restore_works_in_the_restored_company(client, second, platform, company, clock):
    second.token = client.token
    saved = platform.operations.backups.make(company, by="test")
    late = second.call("POST", "/api/contacts", {"kind": "person", "given_name": "Late"})
    assert late.status_int == 201
    platform.operations.restorer.into(saved, company)
    clock.put_forward(A_MOMENT)
    assert contact_names(second) == contact_names(client) == ["Bo"]
    again = second.call("POST", "/api/contacts", {"kind": "person", "given_name": "Again"})
    assert again.status_int == 201
    assert sorted(contact_names(client)) == ["Again", "Bo"]
    platform.operations.restorer.undo(company)
    clock.put_forward(A_MOMENT)
    assert sorted(contact_names(client)) == ["Bo", "Late"]


def test_people_of_a_clone_sign_in_and_switch_to_it(client, newcomer, platform, company):
    email = client.who().json["user"]["email"]
    with platform.operations.backups.temporary(company, by="test") as file:
        copy = platform.operations.restorer.as_new(file, "Training")
    again = newcomer()
    answer = again.keep(again.sign_in(email)).json
    assert {one["slug"] for one in answer["companies"]} >= {copy.slug}
    switched = again.keep(again.call("POST", "/api/sessions/switch", {"company": copy.tenant_id}))
    assert switched.status_int == 201
    assert contact_names(again) == ["Bo"]
    again.call("POST", "/api/contacts", {"kind": "person", "given_name": "Only here"})
    assert contact_names(client) == ["Bo"]
