"""Every error of an input is reported at once, with its pointer."""

from __future__ import annotations

import pytest

from crmtenant.errors import Invalid, Malformed
from crmtenant.schemas.base import load, load_query
from crmtenant.schemas.crm.board_column import ColumnDraft, ColumnQuery
from crmtenant.schemas.crm.contact import ContactDraft, ContactQuery
from crmtenant.schemas.crm.project import ProjectDraft, ProjectQuery
from crmtenant.schemas.crm.task import TaskDraft, TaskQuery

DRAFTS = [ContactDraft, ProjectDraft, ColumnDraft, TaskDraft]


def test_all_faults_of_a_contact_are_told_at_once(field_errors):
    wrong = {
        "kind": "robot",
        "id": 3,
        "bogus": None,
        "a/b~c": 1,
        "\ud800": 1,
        "given_name": "a\0",
        "nickname": "\ud800",
        "family_name": "x" * 101,
        "organization_id": True,
        "emails": [{"value": "nope"}, {"value": 5}, {"x": 1, "value": "a@b.de"}, 7, {}],
        "phones": [{"value": "+1 2"}],
        "addresses": [{}, {"country": "Germany"}],
        "urls": [{"value": "javascript:alert(1)"}],
        "birthday": "2026-02-30",
        "tags": ["a", ""],
        "custom": {"a": {"b": 1}, "": 2},
        "owner_id": "me",
    }
    assert field_errors(ContactDraft, wrong) == {
        "/kind": "invalid_choice",
        "/given_name": "control_character",
        "/family_name": "too_long",
        "/nickname": "invalid_text",
        "/organization_id": "invalid_type",
        "/emails/0/value": "invalid_email",
        "/emails/1/value": "invalid_type",
        "/emails/2/x": "unknown_field",
        "/emails/3": "invalid_type",
        "/emails/4/value": "required",
        "/phones/0/value": "invalid_phone",
        "/addresses/0": "required",
        "/addresses/1/country": "invalid_country",
        "/urls/0/value": "invalid_url",
        "/birthday": "invalid_date",
        "/tags/1": "required",
        "/custom/a": "invalid_type",
        "/custom/": "required",
        "/owner_id": "invalid_user_id",
        "/id": "read_only_field",
        "/bogus": "unknown_field",
        "/a~1b~0c": "unknown_field",
        "/\\ud800": "unknown_field",
    }


def test_all_faults_of_a_task_are_told_at_once(field_errors):
    wrong = {
        "title": " ",
        "priority": 5,
        "status": "started",
        "column_id": 3,
        "due_at": "2026-11-23T10:00:00Z",
        "due_on": "2026-12-24",
        "start_on": 7,
        "recurrence": "FREQ=SECONDLY",
        "estimate_minutes": -1,
        "completed_at": "2026-11-23T10:00:00Z",
    }
    assert field_errors(TaskDraft, wrong) == {
        "/title": "required",
        "/priority": "out_of_range",
        "/status": "invalid_choice",
        "/column_id": "needs_project",
        "/due_on": "contradicts_due_at",
        "/start_on": "invalid_type",
        "/recurrence": "invalid_recurrence",
        "/estimate_minutes": "out_of_range",
        "/completed_at": "read_only_field",
    }


@pytest.mark.parametrize("model", [ProjectDraft, TaskDraft])
def test_nothing_ends_before_it_starts(field_errors, model):
    dates = {"name": "x", "title": "x", "start_on": "2026-02-02", "due_on": "2026-02-01"}
    named = {key: dates[key] for key in dates if key in model.model_fields}
    assert field_errors(model, named) == {"/due_on": "ends_before_start"}
    assert field_errors(model, named | {"due_on": "2026-02-02"}) == {}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        ({}, {"/name": "required"}),
        ({"prefix": "Dr."}, {"/name": "required"}),
        ({"kind": "organization", "emails": [{"value": "a@b.de"}]}, {"/name": "required"}),
        ({"kind": "organization", "given_name": "Anna"}, {"/name": "required"}),
        ({"given_name": 5}, {"/given_name": "invalid_type"}),
        ({"given_name": "Anna"}, {}),
        ({"emails": [{"value": "a@b.de"}]}, {}),
        ({"kind": "organization", "name": "Acme"}, {}),
    ],
)
def test_a_contact_has_a_name_somehow(field_errors, data, found):
    assert field_errors(ContactDraft, data) == found


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        ({"given_name": "Anna", "family_name": "Berg"}, "Anna Berg"),
        ({"prefix": "Dr.", "given_name": "Anna", "middle_name": "M.", "family_name": "Berg", "suffix": "PhD"}, "Dr. Anna M. Berg PhD"),
        ({"family_name": "山田", "given_name": "太郎"}, "山田太郎"),
        ({"family_name": "김", "given_name": "철수", "suffix": "님"}, "김철수 님"),
        ({"family_name": "Yamada", "given_name": "太郎"}, "太郎 Yamada"),
        ({"nickname": "Bo"}, "Bo"),
        ({"emails": [{"value": "a@b.de"}]}, "a@b.de"),
    ],
)  # fmt: skip
def test_a_name_is_made_of_its_parts(parts, name):
    assert load(ContactDraft, parts).name == name


def test_one_entry_of_a_list_is_primary(field_errors):
    two = [{"value": "a@b.de", "is_primary": True}, {"value": "c@d.de", "is_primary": True}]
    assert field_errors(ContactDraft, {"name": "x", "emails": two}) == {"/emails": "several_primary"}
    emails = load(ContactDraft, {"name": "x", "emails": [{"value": "a@b.de"}, {"value": "c@d.de"}]}).emails
    assert [email.is_primary for email in emails] == [True, False]


@pytest.mark.parametrize("model", DRAFTS)
@pytest.mark.parametrize("data", [None, [], "x", 5, True])
def test_a_body_is_an_object(field_errors, model, data):
    assert field_errors(model, data) == {"": "not_an_object"}


@pytest.mark.parametrize("model", DRAFTS)
@pytest.mark.parametrize("name", ["id", "version", "created_at", "updated_at", "created_by", "updated_by"])
def test_what_the_server_sets_cannot_be_written(field_errors, model, name):
    assert field_errors(model, {name: 1})[f"/{name}"] == "read_only_field"


@pytest.mark.parametrize("model", DRAFTS)
@pytest.mark.parametrize("name", ["deleted_at", "tenant_id", "search", "name_key", "is_admin", "__class__"])
def test_what_nobody_may_write_does_not_exist(field_errors, model, name):
    assert field_errors(model, {name: 1})[f"/{name}"] == "unknown_field"


def test_pointers_begin_where_the_caller_says():
    with pytest.raises(Invalid) as caught:
        load(ContactDraft, {"name": 5}, prefix="/create/3")
    assert [field_error.pointer for field_error in caught.value.field_errors] == ["/create/3/name"]


def test_faults_are_bounded_and_never_repeat_what_was_sent():
    secret = "s3cr3t"
    with pytest.raises(Invalid) as caught:
        load(
            ContactDraft,
            {"name": "x", "tags": [{"value": secret}] * 40} | {f"x{i}": secret for i in range(5000)},
        )
    assert len(caught.value.field_errors) == 100
    assert all(secret not in field_error.detail for field_error in caught.value.field_errors)


def test_every_detail_is_a_sentence():
    wrong = {
        "kind": 1,
        "emails": 3,
        "birthday": 4,
        "custom": [],
        "tags": ["x"] * 51,
        "organization_id": 0,
        "z": 1,
    }
    with pytest.raises(Invalid) as caught:
        load(ContactDraft, wrong)
    for field_error in caught.value.field_errors:
        assert field_error.detail[0].isupper()
        assert field_error.detail.endswith(".")
        assert field_error.code.replace("_", "").isalpha()


def query_faults(model, *params):
    with pytest.raises(Malformed) as caught:
        load_query(model, list(params))
    return {field_error.pointer: field_error.code for field_error in caught.value.field_errors}


def test_all_faults_of_a_query_are_told_at_once():
    assert query_faults(
        TaskQuery,
        ("limit", "0"), ("x", "1"), ("status", "open"), ("status", "done"), ("overdue", "1"), ("sort", "id;drop"),
        ("fields", "id,secret"), ("due_before", "x"), ("project_id", "042"), ("priority", "5"), ("q", "a\0b"),
        ("cursor", "é"), ("\ud800", "1"), ("created_after", "yesterday"),
    ) == {
        "limit": "out_of_range", "x": "unknown_parameter", "status": "repeated_parameter", "overdue": "invalid_flag",
        "sort": "invalid_sort", "fields": "unknown_field", "due_before": "invalid_date",
        "project_id": "invalid_number", "priority": "out_of_range", "q": "control_character",
        "cursor": "invalid_cursor", "\\ud800": "unknown_parameter", "created_after": "invalid_time",
    }  # fmt: skip


@pytest.mark.parametrize(
    "limit", ["0", "-1", "1001", "1000000000", "abc", "", "1.0", "+1", " 1", "٥", "9" * 5000]
)
def test_a_page_has_a_sensible_size(limit):
    assert set(query_faults(ContactQuery, ("limit", limit))) == {"limit"}


@pytest.mark.parametrize("model", [ContactQuery, ProjectQuery, ColumnQuery, TaskQuery])
def test_every_sort_named_is_understood_both_ways(model):
    for sort in model.SORTS:
        assert load_query(model, [("sort", sort)]).sort == sort
        assert load_query(model, [("sort", f"-{sort}")]).sort == f"-{sort}"
    assert load_query(model, []).limit == 50


def test_a_query_is_read_into_plain_values():
    query = load_query(
        ContactQuery,
        [("phone", "030 1234567"), ("email", "ANNA@Example.com"), ("country", "de"), ("organization_id", "7"),
         ("created_after", "2026-01-01T00:00:00 02:00"), ("updated_after", "2026-01-01"), ("q", "Müller"),
         ("fields", "name,emails"), ("count", "true")],
        context={"region": "DE"},
    )  # fmt: skip
    filters = query.filters()
    assert filters["phone"] == ["+49301234567", "0301234567"]
    assert (filters["email"], filters["country"], filters["organization_id"]) == ("anna@example.com", "DE", 7)
    assert filters["created_after"].isoformat() == "2025-12-31T22:00:00+00:00"
    assert filters["updated_after"].isoformat() == "2026-01-01T00:00:00+00:00"
    assert query.wanted() == ("id", "name", "emails")
    assert query.words() == "('muller':* | 'mueller':*)"
    assert query.count is True
