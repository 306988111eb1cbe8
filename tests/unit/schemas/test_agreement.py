"""What clients may ask is what the services can answer."""

from __future__ import annotations

import pytest
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import BindParameter

from crmtenant.api.crm import ENTITIES
from crmtenant.models.tenant.saved_view import PAGES
from crmtenant.schemas.query import SearchQuery
from crmtenant.services.entities.entity_type import TODAY

NOUNS = [(one.shapes, one.collection.item.entity) for one in ENTITIES]
PAIRS = [(shapes.query, entity) for shapes, entity in NOUNS]
OF_ENTRIES = {"happened_at", "organization_ids", "edited_at"}


def test_views_can_be_saved_of_every_noun_that_says_so():
    assert {entity.collection for _, entity in NOUNS if entity.has_saved_views} == set(PAGES)


@pytest.mark.parametrize(("shapes", "noun"), NOUNS)
def test_every_field_comes_back(shapes, noun):
    assert tuple(shapes.out.model_fields) == noun.fields


@pytest.mark.parametrize(("shapes", "noun"), NOUNS)
def test_a_patch_has_the_fields_of_the_draft_and_no_other_is_writable(shapes, noun):
    writable = set(shapes.draft.model_fields)
    assert set(shapes.patch.model_fields) == writable
    assert set(noun.fields) - writable == shapes.draft.READ_ONLY


@pytest.mark.parametrize(("shapes", "noun"), NOUNS)
def test_what_only_the_server_sets_is_kept_by_an_import(shapes, noun):
    stored = {
        "id",
        "created_at",
        "updated_at",
        "created_by",
        "updated_by",
        "version",
        "deleted_at",
        "deleted_by",
    }
    own = {"completed_at", "position", "source_keys", "last_touch_at", *OF_ENTRIES} & set(
        noun.table.columns.keys()
    )
    assert set(shapes.stored.model_fields) == stored | own


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


@pytest.mark.parametrize(("model", "noun"), [(shapes.draft, noun) for shapes, noun in NOUNS])
def test_a_draft_fills_every_column_that_the_server_does_not(model, noun):
    least = {
        "name": "x",
        "title": "x",
        "project_id": 1,
        "page": "tasks",
        "body": "x",
        "subject_type": "task",
        "subject_id": 1,
    }
    values = model(**{name: least[name] for name in least if name in model.model_fields}).columns()
    kept = {column.key for column in noun.model.__table__.columns}
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
        "source_keys",
        "last_touch_at",
        "organization_ids",
        "edited_at",
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
    # What depends on the date asks for today too, which every list is given.
    assert {name: names - {TODAY} for name, names in asked.items()} == {name: {name} for name in noun.filters}
