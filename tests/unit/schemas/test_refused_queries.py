"""What queries refuse, by the name of the parameter. One case of each list is repeated over HTTP."""

from __future__ import annotations

import pytest

from crmtenant.errors import Malformed
from crmtenant.schemas.base import load_query
from crmtenant.schemas.crm.board_column import ColumnQuery
from crmtenant.schemas.crm.contact import ContactQuery
from crmtenant.schemas.crm.project import ProjectQuery
from crmtenant.schemas.crm.saved_view import SavedViewQuery
from crmtenant.schemas.crm.task import TaskQuery
from crmtenant.schemas.crm.trash import TrashQuery
from crmtenant.schemas.query import Query
from crmtenant.schemas.transfer.contact_files import (
    ContactExportQuery,
    ContactImportQuery,
)

HOSTILE = [
    "' OR '1'='1", "1; DROP TABLE contact", "%", "_", "\\", "%' AND pg_sleep(5)--", "${jndi:ldap://x}", "{{7*7}}",
    "../../etc/passwd", "a" * 10_000, "(" * 200, "'" * 200, ":*", "& | !", "<->", "\u202e", "😀" * 200, "ﷺ" * 100, "\r\n",
]  # fmt: skip


def wrong_parameters(model: type[Query], *params: tuple[str, str]) -> list[str]:
    with pytest.raises(Malformed) as refusal:
        load_query(model, list(params))
    assert refusal.value.reason == "invalid_query"
    return [field_error.pointer for field_error in refusal.value.field_errors]


@pytest.mark.parametrize(
    ("model", "query"),
    [
        (ContactQuery, "id="), (ContactQuery, "id=1,"), (ContactQuery, "id=1,02"), (ContactQuery, "id=1, 2"),
        (ProjectQuery, "id=0"), (ProjectQuery, "id=9223372036854775808"), (TaskQuery, "id=1,-2"),
        (TaskQuery, f"id={','.join(map(str, range(1, 202)))}"), (ContactQuery, "kind=robot"), (ContactQuery, "organization_id=abc"),
        (ContactQuery, "organization_id=0"), (ContactQuery, "organization_id=9223372036854775808"),
        (ContactQuery, "owner_id=1"), (ContactQuery, "country=XX"),
        (ContactQuery, "created_after=2026-13-01"), (ContactQuery, "created_after=yesterday"),
        (ProjectQuery, "status=open"), (ProjectQuery, "status=active,"),
        (ProjectQuery, "due_before=30-06-2026"),
        (ProjectQuery, "due_before=2026-02-30"), (ProjectQuery, "due_before=0000-01-01"),
        (SavedViewQuery, "page=members"), (TaskQuery, "priority=5"), (TaskQuery, "priority=-1"), (TaskQuery, "overdue=1"),
        (TaskQuery, "status=planned"), (TaskQuery, "parent_id=1;drop"),
    ],
)  # fmt: skip
def test_a_filter_with_an_impossible_value_is_refused(model: type[Query], query: str) -> None:
    name, _, value = query.partition("=")
    assert wrong_parameters(model, (name, value)) == [name]


@pytest.mark.parametrize("model", [ContactQuery, ProjectQuery, TaskQuery, ColumnQuery, TrashQuery])
@pytest.mark.parametrize("name", ["sort", "fields", "owner_id", "status"])
def test_no_question_is_taken_for_a_name_id_or_choice(model: type[Query], name: str) -> None:
    for text in HOSTILE:
        assert wrong_parameters(model, (name, text)) == [name]


@pytest.mark.parametrize("model", [ContactQuery, ProjectQuery, TaskQuery, ColumnQuery, TrashQuery])
@pytest.mark.parametrize("name", ["q", "tag", "email", "phone", "label"])
def test_a_list_refuses_filters_of_others(model: type[Query], name: str) -> None:
    if name not in model.model_fields:
        for text in HOSTILE:
            assert wrong_parameters(model, (name, text)) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [("format", "xlsx"), ("limit", "5"), ("cursor", "x"), ("odd", "1"), ("country", "Elbonia")],
)
def test_an_export_knows_its_parameters(name: str, value: str) -> None:
    with pytest.raises(Malformed) as refusal:
        load_query(ContactExportQuery, [(name, value)])
    assert refusal.value.reason == "invalid_query"


@pytest.mark.parametrize(
    ("name", "value"),
    [("on_duplicate", "burn"), ("dry_run", "maybe"), ("unknown", "1"), ("mapping", "[]"), ("mapping", "x")],
)
def test_an_import_knows_its_parameters(name: str, value: str) -> None:
    with pytest.raises(Malformed) as refusal:
        load_query(ContactImportQuery, [(name, value)])
    assert refusal.value.reason == "invalid_query"
    assert [field_error.pointer for field_error in refusal.value.field_errors] == [name]
