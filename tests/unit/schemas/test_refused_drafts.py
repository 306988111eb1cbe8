"""What drafts refuse on creating, changing and bulk changes. One case of each kind is repeated over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from crmtenant.errors import Invalid
from crmtenant.formats.strict_json import STRICT
from crmtenant.schemas.base import Draft, as_json, load, load_patch
from crmtenant.schemas.crm.board_column import ColumnDraft
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.crm.entry import EntryDraft
from crmtenant.schemas.crm.project import ProjectDraft
from crmtenant.schemas.crm.saved_view import SavedViewDraft
from crmtenant.schemas.crm.task import TaskDraft, TaskMove

LEAST: dict[type[Draft], dict[str, Any]] = {
    ContactDraft: {"given_name": "Anna", "family_name": "Berg"},
    ProjectDraft: {"name": "Bridge"},
    ColumnDraft: {"name": "To do", "project_id": 1},
    TaskDraft: {"title": "Call"},
    EntryDraft: {"body": "Called back", "subject_type": "contact", "subject_id": 1},
    SavedViewDraft: {"name": "Ours", "page": "contacts"},
}
MODELS = list(LEAST)


def current(model: type[Draft]) -> dict[str, Any]:
    """The writable fields of an item, as JSON."""
    columns = load(model, LEAST[model]).columns()
    return as_json({name: columns[name] for name in model.model_fields})


def pointers_of_new(model: type[Draft], body: dict[str, Any]) -> list[str]:
    """Where a new item with this body is wrong."""
    with pytest.raises(Invalid) as refusal:
        load(model, {**LEAST[model], **body})
    return [field_error.pointer for field_error in refusal.value.field_errors]


def pointers_of_change(model: type[Draft], body: dict[str, Any], prefix: str = "") -> list[str]:
    """Where a merge patch of an item is wrong."""
    with pytest.raises(Invalid) as refusal:
        load_patch(model, current(model), body, prefix=prefix)
    return [field_error.pointer for field_error in refusal.value.field_errors]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"start_on": "2026-02-02", "due_on": "2026-02-01"}, "/due_on"),
        ({"start_on": "2026-02-02", "due_at": "2026-02-01T00:00:00Z"}, "/due_on"),
        ({"due_on": "2026-02-10", "due_at": "2026-02-01T00:00:00Z"}, "/due_on"),
        ({"due_on": "2026-02-30"}, "/due_on"), ({"due_on": "0000-01-01"}, "/due_on"), ({"due_on": 5}, "/due_on"),
        ({"due_at": "9999-12-31T24:00:00Z"}, "/due_at"), ({"due_at": "2026-01-01T00:00:00+99:99"}, "/due_at"),
        ({"due_at": "2026-01-01T00:00:00"}, "/due_at"), ({"due_at": "1000000-01-01T00:00:00Z"}, "/due_at"),
        ({"due_at": "0001-01-01T00:00:00+14:00"}, "/due_at"), ({"priority": 5}, "/priority"), ({"priority": 1.5}, "/priority"),
        ({"priority": True}, "/priority"), ({"position": 1e13}, "/position"), ({"estimate_minutes": -1}, "/estimate_minutes"),
        ({"estimate_minutes": 2**31}, "/estimate_minutes"), ({"recurrence": "FREQ=SECONDLY"}, "/recurrence"),
        ({"recurrence": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"}, "/recurrence"), ({"column_id": 1}, "/column_id"),
        ({"title": ""}, "/title"), ({"title": None}, "/title"), ({"title": "x" * 501}, "/title"),
        ({"labels": [1]}, "/labels/0"), ({"status": "late"}, "/status"),
    ],
)  # fmt: skip
def test_a_task_that_makes_no_sense_is_refused(body: dict[str, Any], pointer: str) -> None:
    assert pointer in pointers_of_new(TaskDraft, body)
    assert pointer in pointers_of_change(TaskDraft, body)
    assert f"/update/0{pointer}" in pointers_of_change(TaskDraft, body, "/update/0")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"due_on": "2025-12-31", "start_on": "2026-01-01"}, "/due_on"), ({"status": "open"}, "/status"),
        ({"color": "red"}, "/color"), ({"budget_minutes": 1.5}, "/budget_minutes"), ({"progress": 50}, "/progress"),
        ({"task_counts": {}}, "/task_counts"), ({"name": None}, "/name"),
    ],
)  # fmt: skip
def test_a_project_that_makes_no_sense_is_refused(body: dict[str, Any], pointer: str) -> None:
    assert pointers_of_new(ProjectDraft, body) == [pointer]
    assert pointers_of_change(ProjectDraft, body) == [pointer]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"owner_id": "x"}, "/owner_id"),
        ({"kind": "organization", "name": None}, "/name"),
        ({"name": None, "given_name": None, "family_name": None}, "/name"),
        ({"emails": [{"value": "a@example.com", "is_primary": True}] * 2}, "/emails"),
        ({"emails": [{"value": "a@example.com\r\nBcc: b@example.com"}]}, "/emails/0/value"),
        ({"phones": [{"value": "+1"}]}, "/phones/0/value"),
        ({"urls": [{"value": "javascript:alert(1)"}]}, "/urls/0/value"),
        ({"addresses": [{"country": "XX"}]}, "/addresses/0/country"),
        ({"addresses": [{}]}, "/addresses/0"),
        ({"custom": {"deep": {"er": 1}}}, "/custom/deep"),
        ({"custom": 5}, "/custom"),
        ({"birthday": "2026-02-30"}, "/birthday"),
        ({"tags": ["x"] * 51}, "/tags"),
        ({"note": "x" * 100_001}, "/note"),
    ],
)
def test_a_change_of_a_contact_that_makes_no_sense_is_refused(patch: dict[str, Any], pointer: str) -> None:
    assert pointer in pointers_of_change(ContactDraft, patch)


WRONG_TYPES: list[Any] = [
    5,
    1.5,
    True,
    [],
    {},
    [[]],
    [None],
    [5],
    {"a": 1},
    "x" * 200_000,
    "\x00",
    "a\x00b",
    "\ud800",
    "\x1b[31m",
]


@pytest.mark.parametrize("model", MODELS)
def test_no_field_breaks_on_any_value(model: type[Draft]) -> None:
    for name in model.model_fields:
        for value in WRONG_TYPES:
            body = {name: value, "nonsense": 1}
            assert "/nonsense" in pointers_of_new(model, body)
            assert "/nonsense" in pointers_of_change(model, body)


def test_no_field_of_a_move_breaks_on_any_value() -> None:
    for name in TaskMove.model_fields:
        for value in WRONG_TYPES:
            with pytest.raises(Invalid) as refusal:
                load(TaskMove, {name: value, "nonsense": 1})
            assert "/nonsense" in [field_error.pointer for field_error in refusal.value.field_errors]


@pytest.mark.parametrize(
    ("model", "name"),
    [(ContactDraft, "name"), (ProjectDraft, "name"), (ColumnDraft, "name"), (TaskDraft, "title")],
)
@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\ud800", "\x1b[31m", "a\nb"])
def test_text_that_cannot_be_kept_is_refused(model: type[Draft], name: str, value: str) -> None:
    assert pointers_of_new(model, {name: value}) == [f"/{name}"]


@pytest.mark.parametrize(
    "number", ["1e308", "1e400", "99999999999999999999", "-9223372036854775809", "1" * 400]
)
@pytest.mark.parametrize(
    ("model", "name"),
    [
        (ProjectDraft, "budget_minutes"), (TaskDraft, "estimate_minutes"), (TaskDraft, "priority"), (TaskDraft, "contact_id"),
        (ContactDraft, "organization_id"), (ColumnDraft, "task_limit"), (TaskDraft, "position"), (ColumnDraft, "position"),
    ],
)  # fmt: skip
def test_a_number_that_no_column_holds_is_refused(model: type[Draft], name: str, number: str) -> None:
    assert pointers_of_change(model, {name: STRICT.decode(number)}) == [f"/{name}"]


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000 + "@",
        "a@" + "b." * 3000,
        "+" + "1" * 5000,
        "(" * 5000,
        "1-" * 3000,
        "http://" + "a." * 4000,
    ],
)
def test_no_pattern_takes_for_ever(text: str) -> None:
    for name in ("emails", "phones", "urls"):
        assert pointers_of_new(ContactDraft, {name: [{"value": text}]}) == [f"/{name}/0/value"]
    assert pointers_of_new(TaskDraft, {"recurrence": text}) == ["/recurrence"]
