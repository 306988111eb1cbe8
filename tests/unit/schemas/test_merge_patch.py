"""Merge patches: RFC 7396 itself, then what the drafts add."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmtenant.clock import zone_named
from crmtenant.errors import Invalid
from crmtenant.schemas.base import as_json, load, load_patch, merge_patch
from crmtenant.schemas.crm.contact import WRITABLE as CONTACT_FIELDS
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.crm.task import WRITABLE as TASK_FIELDS
from crmtenant.schemas.crm.task import TaskDraft, TaskMove

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("current", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_a_patch_is_merged_as_appendix_a_of_rfc_7396_says(current, patch, result):
    assert merge_patch(current, patch) == result


@given(JSON, JSON)
def test_merging_changes_neither_side_and_is_settled_after_once(current, patch):
    before = copy.deepcopy((current, patch))
    merged = merge_patch(current, patch)
    assert (current, patch) == before
    assert merge_patch(merged, patch) == merged


def test_a_patch_may_be_nested_deeper_than_python_recurses():
    patch = {}
    for _ in range(20_000):
        patch = {"a": patch}
    merged = merge_patch({}, patch)
    depth = 0
    while merged:
        merged, depth = merged["a"], depth + 1
    assert depth == 20_000


def stored(model, fields, **data):
    """The writable fields of the row these data make, as JSON."""
    columns = load(model, data).columns()
    return as_json({name: columns[name] for name in fields})


def contact(**data):
    return stored(ContactDraft, CONTACT_FIELDS, **data)


def task(**data):
    return stored(TaskDraft, TASK_FIELDS, **data) | {"position": 1024.0}


def test_a_name_made_of_its_parts_follows_them():
    anna = contact(given_name="Anna", family_name="Berg")
    assert load_patch(ContactDraft, anna, {"family_name": "Thal"}).name == "Anna Thal"
    assert load_patch(ContactDraft, anna, {"family_name": "Thal", "name": "A. T."}).name == "A. T."


def test_a_name_that_was_given_stays():
    anna = contact(given_name="Anna", name="Anna the Great")
    assert load_patch(ContactDraft, anna, {"given_name": "Anne"}).name == "Anna the Great"
    assert load_patch(ContactDraft, anna, {"name": None}).name == "Anna"


def test_a_custom_field_is_merged_and_a_list_is_replaced():
    anna = contact(name="Anna", custom={"a": 1, "b": 2}, tags=["x", "y"])
    patched = load_patch(ContactDraft, anna, {"custom": {"a": None, "c": 3}, "tags": ["z"]})
    assert (patched.custom, patched.tags) == ({"b": 2, "c": 3}, ["z"])


def test_null_empties_a_field():
    anna = contact(name="Anna", tags=["x"], birthday="1990-05-01", kind="organization")
    patched = load_patch(ContactDraft, anna, {"tags": None, "birthday": None})
    assert (patched.tags, patched.birthday, patched.kind) == ([], None, "organization")


@pytest.mark.parametrize(
    ("patch", "field_errors"),
    [
        ({"id": 5, "version": None}, {"/id": "read_only_field", "/version": "read_only_field"}),
        ({"bogus": None, "is_admin": True}, {"/bogus": "unknown_field", "/is_admin": "unknown_field"}),
        ({"name": None, "kind": "organization"}, {"/name": "required"}),
        ({"kind": None}, {"/kind": "required"}),
        ([], {"": "not_an_object"}),
        (None, {"": "not_an_object"}),
        ("x", {"": "not_an_object"}),
    ],
)
def test_a_patch_is_refused_like_any_input(patch, field_errors):
    with pytest.raises(Invalid) as caught:
        load_patch(ContactDraft, contact(name="Anna"), patch)
    assert {
        field_error.pointer: field_error.code for field_error in caught.value.field_errors
    } == field_errors


def test_the_day_and_the_moment_a_task_is_due_follow_each_other():
    # Of the company: what the offset says of the one who wrote it does not matter.
    here = {"zone": zone_named("America/New_York")}
    due = as_json(
        load(TaskDraft, {"title": "x", "due_at": "2026-11-24T05:30:00+01:00"}, context=here).model_dump()
    )
    assert due["due_on"] == "2026-11-23"
    assert task(title="x", due_at="2026-11-23T23:30:00-05:00")["due_on"] == "2026-11-24"
    moved = load_patch(TaskDraft, due, {"due_on": "2026-12-01"}, context=here)
    assert moved.due_at.isoformat() == "2026-12-02T04:30:00+00:00"
    in_summer = load_patch(TaskDraft, due, {"due_on": "2027-06-01"}, context=here)
    assert in_summer.due_at.isoformat() == "2027-06-02T03:30:00+00:00"
    assert load_patch(TaskDraft, due, {"due_at": "2026-12-24T12:00:00Z"}).due_on.isoformat() == "2026-12-24"
    assert load_patch(TaskDraft, due, {"due_on": None}).due_at is None
    assert load_patch(TaskDraft, due, {"due_at": None}).due_on.isoformat() == "2026-11-23"


@pytest.mark.parametrize("due_on", ["9999-12-31", "0001-01-01"])
def test_a_task_can_be_moved_to_the_ends_of_the_calendar(due_on):
    due = task(title="x", due_at="2026-11-23T23:30:00-05:00")
    assert load_patch(TaskDraft, due, {"due_on": due_on}).due_on.isoformat() == due_on


def test_a_place_cannot_be_taken_away():
    assert load_patch(TaskDraft, task(title="x"), {"position": None}).position == 1024.0


def test_moving_a_task_tells_null_from_nothing():
    assert load(TaskMove, {"project_id": None}).model_dump(exclude_unset=True) == {"project_id": None}
    with pytest.raises(Invalid):
        load(TaskMove, {"before": 1, "after": 2})
