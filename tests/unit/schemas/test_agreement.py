"""What clients may ask is what the services can answer."""

from __future__ import annotations

import pytest
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from crmtenant.schemas.crm import board_column, contact, project, saved_view, task
from crmtenant.schemas.query import SearchQuery
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.crm.projects import COLUMN, PROJECT
from crmtenant.services.crm.saved_views import SAVED_VIEW
from crmtenant.services.crm.tasks import TASK

PAIRS = [
    (contact.ContactQuery, CONTACT),
    (project.ProjectQuery, PROJECT),
    (board_column.ColumnQuery, COLUMN),
    (task.TaskQuery, TASK),
    (saved_view.SavedViewQuery, SAVED_VIEW),
]


@pytest.mark.parametrize(("query", "noun"), PAIRS)
def test_every_filter_has_its_condition(query, noun):
    filters = set(query.model_fields) - set(SearchQuery.model_fields)
    searched = {"q"} if issubclass(query, SearchQuery) else set()
    assert filters | searched == set(noun.filters)


@pytest.mark.parametrize(("query", "noun"), PAIRS)
def test_every_sort_has_its_expression(query, noun):
    assert set(query.SORTS) == set(noun.sorts)


@pytest.mark.parametrize(("query", "noun"), PAIRS)
def test_every_field_has_its_column(query, noun):
    assert noun.fields == query.FIELDS


@pytest.mark.parametrize(
    ("model", "noun"),
    [
        (contact.ContactDraft, CONTACT),
        (project.ProjectDraft, PROJECT),
        (board_column.ColumnDraft, COLUMN),
        (task.TaskDraft, TASK),
        (saved_view.SavedViewDraft, SAVED_VIEW),
    ],
)
def test_a_draft_fills_every_column_that_the_server_does_not(model, noun):
    least = {"name": "x", "title": "x", "project_id": 1, "page": "tasks"}
    values = model(**{name: least[name] for name in least if name in model.model_fields}).columns()
    kept = {board_column.key for board_column in noun.model.__table__.columns}
    by_server = {
        "id",
        "created_at",
        "updated_at",
        "created_by",
        "updated_by",
        "version",
        "deleted_at",
        "deleted_by",
        "completed_at",
    }
    assert set(values) == kept - by_server


@pytest.mark.parametrize(("query", "noun"), PAIRS)
def test_every_condition_asks_for_the_value_of_its_own_filter(query, noun):
    asked = {
        name: {
            part.key
            for part in visitors.iterate(condition)
            if isinstance(part, BindParameter) and part.required
        }
        for name, condition in noun.filters.items()
    }
    assert asked == {name: {name} for name in noun.filters}
