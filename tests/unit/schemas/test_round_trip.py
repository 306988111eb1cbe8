"""What is stored, sent as JSON and read again is the same row."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crmtenant.errors import Invalid
from crmtenant.ids import new_id
from crmtenant.schemas.base import as_json, load, patch_model
from crmtenant.schemas.crm import board_column, contact, entry, project, saved_view, task

NOUNS = [
    (contact, contact.ContactDraft, contact.ContactOut, contact.ContactQuery),
    (project, project.ProjectDraft, project.ProjectOut, project.ProjectQuery),
    (board_column, board_column.ColumnDraft, board_column.ColumnOut, board_column.ColumnQuery),
    (task, task.TaskDraft, task.TaskOut, task.TaskQuery),
    (entry, entry.EntryDraft, entry.EntryOut, entry.EntryQuery),
    (saved_view, saved_view.SavedViewDraft, saved_view.SavedViewOut, saved_view.SavedViewQuery),
]
PEOPLE = [new_id("u") for _ in range(3)]

anything = st.text(st.characters(exclude_categories=()), max_size=12)
words = st.text(min_size=1, max_size=20) | st.sampled_from(
    ["Anna", "山田", "김", "Ünal", "\u0308", " ᄀ", "ᅡ"]
)
ids = st.integers(1, 2**63 - 1)
days = st.dates().map(str)
labels = st.none() | st.sampled_from(["work", "home"])
emails = st.emails() | st.sampled_from(["ANNA@Example.com", "jörg@münchen.de", "a@straße.de"])
phones = st.from_regex(r"\A[0-9+(][0-9 ()./\-]{2,16}( ?(x|ext\.) ?[0-9]{1,4})?\Z") | st.sampled_from(
    ["030-0074321", "+49 30 1234567", "０３－３２１１－２３４５", "(212) 736-5000 ext. 12"]
)
urls = st.sampled_from(["www.x.de", "HTTPS://a.b/c", "mailto:a@b.de"]) | st.from_regex(
    r"\A[a-z]{1,8}\.[a-z]{2,4}(/\w*)?\Z"
)
moments = st.builds(
    "{}T{:02}:{:02}:09.{:06}{}".format,
    days,
    st.integers(0, 23),
    st.integers(0, 59),
    st.integers(0, 999_999),
    st.sampled_from(["Z", "+05:30", "-08:00"]),
)
custom_values = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | words
    | st.lists(words, max_size=3)
)


def entries(values):
    return st.lists(
        st.fixed_dictionaries({"value": values}, optional={"label": labels, "is_primary": st.just(False)}),
        max_size=3,
    )


addresses = st.lists(
    st.fixed_dictionaries(
        {"city": words},
        optional={
            "street": words,
            "postal_code": words,
            "region": words,
            "country": st.sampled_from(["DE", "fr", "JP", "MX"]),
        },
    ),
    max_size=2,
)
some_people = st.lists(st.sampled_from(PEOPLE), max_size=3)
contacts = st.fixed_dictionaries(
    {"kind": st.sampled_from(["person", "organization"])},
    optional={
        **dict.fromkeys(["name", "given_name", "family_name", "prefix", "middle_name", "suffix", "nickname", "job_title", "department", "note", "source"], words),
        "organization_id": ids, "emails": entries(emails), "phones": entries(phones), "addresses": addresses, "urls": entries(urls),
        "birthday": days, "tags": st.lists(words, max_size=4), "custom": st.dictionaries(words, custom_values, max_size=3), "owner_id": st.sampled_from(PEOPLE),
    },
)  # fmt: skip
projects = st.fixed_dictionaries(
    {"name": words},
    optional={
        "description": words, "status": st.sampled_from(["planned", "active", "on_hold", "done", "archived"]), "contact_id": ids,
        "owner_id": st.sampled_from(PEOPLE), "member_ids": some_people, "start_on": days, "due_on": days,
        "budget_minutes": st.integers(0, 2**31 - 1), "color": st.just("#A0b1C2"), "tags": st.lists(words, max_size=4),
    },
)  # fmt: skip
columns = st.fixed_dictionaries(
    {"project_id": ids, "name": words},
    optional={
        "position": st.floats(-1e12, 1e12),
        "color": st.just("#ffffff"),
        "task_limit": st.integers(1, 100),
        "is_done": st.booleans(),
    },
)
tasks = st.fixed_dictionaries(
    {"title": words},
    optional={
        "project_id": ids, "parent_id": ids, "description": words, "status": st.sampled_from(["open", "done"]), "column_id": ids,
        "position": st.floats(-1e12, 1e12), "priority": st.integers(0, 4), "assignee_ids": some_people, "contact_id": ids,
        "start_on": days, "due_on": days, "due_at": moments, "estimate_minutes": st.integers(0, 1000), "labels": st.lists(words, max_size=4),
        "recurrence": st.sampled_from(["RRULE:freq=daily", "FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2", "FREQ=MONTHLY;UNTIL=20270101T000000Z"]),
    },
)  # fmt: skip
saved_views = st.fixed_dictionaries(
    {"name": words, "page": st.sampled_from(["contacts", "projects", "tasks"])},
    optional={"query": st.dictionaries(words, words, max_size=3), "is_shared": st.booleans()},
)
entries_on_records = st.fixed_dictionaries(
    {"body": words},
    optional={
        "kind": st.sampled_from(["note", "call", "meeting", "comment"]), "parent_id": ids,
        "subject_type": st.sampled_from(["contact", "project", "task"]), "subject_id": ids, "contact_ids": st.lists(ids, max_size=3),
        "happened_at": st.just("2026-01-02T03:04:05.600000+01:00"), "minutes": st.integers(0, 1000),
        "direction": st.sampled_from(["in", "out"]), "outcome": st.sampled_from(["reached", "busy"]), "is_pinned": st.booleans(),
    },
)  # fmt: skip


@pytest.mark.parametrize(
    ("noun", "model", "inputs"),
    [
        (contact, contact.ContactDraft, contacts),
        (project, project.ProjectDraft, projects),
        (board_column, board_column.ColumnDraft, columns),
        (task, task.TaskDraft, tasks),
        (entry, entry.EntryDraft, entries_on_records),
        (saved_view, saved_view.SavedViewDraft, saved_views),
    ],
    ids=["contact", "project", "column", "task", "entry", "saved_view"],
)
def test_what_was_stored_can_be_sent_back_and_stays_the_same(noun, model, inputs):
    @settings(
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
        deadline=None,
        max_examples=50,
    )
    @given(inputs, st.sampled_from([None, "DE", "US"]))
    def law(data, region):
        try:
            stored = load(model, data, context={"region": region}).columns()
        except Invalid:
            assume(False)
        sent = as_json({name: stored[name] for name in noun.WRITABLE})
        assert load(model, sent, context={"region": region}).columns() == stored

    law()


@pytest.mark.parametrize(("noun", "model"), [(noun, model) for noun, model, _, _ in NOUNS])
def test_no_input_whatever_breaks_a_draft(noun, model):
    junk = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | anything,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
        max_leaves=6,
    )
    entry = st.lists(
        st.dictionaries(st.sampled_from(["value", "label", "country", "city", "e164"]), junk, max_size=3),
        max_size=2,
    )

    @settings(deadline=None, max_examples=60)
    @given(st.dictionaries(st.sampled_from(noun.WRITABLE) | anything, junk | entry, max_size=6))
    def never_breaks(data):
        try:
            load(model, data).columns()
        except Invalid as error:
            messages = [
                f"{field_error.pointer} {field_error.code} {field_error.detail}"
                for field_error in error.field_errors
            ]
        else:
            messages = ["nothing"]
        assert all(line.encode() for line in messages)
        assert messages

    never_breaks()


@pytest.mark.parametrize(("noun", "model", "out", "query"), NOUNS)
def test_field_lists_agree_with_the_documents(noun, model, out, query):
    assert set(noun.WRITABLE) == set(model.model_fields)
    assert tuple(out.model_fields) == noun.FIELDS == query.FIELDS
    assert set(noun.FIELDS) - set(noun.WRITABLE) == model.READ_ONLY
    assert query.model_fields["sort"].default.removeprefix("-") in query.SORTS


@pytest.mark.parametrize("model", [model for _, model, _, _ in NOUNS])
def test_a_patch_document_requires_nothing_and_knows_every_field(model):
    document = patch_model(model).model_json_schema()
    assert "required" not in document
    assert document["additionalProperties"] is False
    assert set(document["properties"]) == set(model.model_fields)
    nullable = {
        name for name, field in document["properties"].items() if {"type": "null"} in field.get("anyOf", ())
    }
    kept = {name for name, field in model.model_fields.items() if field.is_required()} | model.never_null()
    assert nullable == set(model.model_fields) - kept
