"""What generators of clients and their users rely on: types that are true, descriptions, examples that are accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter

from crmtenant.api.docs.example_values import REQUESTS
from crmtenant.schemas.base import Changes
from tests.unit.api.looking import openapi_document, surface

SCHEMAS = openapi_document()["components"]["schemas"]
NULL = {"type": "null"}


def described() -> Iterator[tuple[str, dict[str, Any], list[dict[str, Any]]]]:
    """Every operation by name, with the parameters of its own and of its address."""
    for path in openapi_document()["paths"].values():
        for method, operation in path.items():
            if method != "parameters":
                parameters = [*path.get("parameters", ()), *operation["parameters"]]
                yield operation["operationId"], operation, [resolved(given) for given in parameters]


def resolved(given: dict[str, Any]) -> dict[str, Any]:
    """A parameter, its reference followed."""
    if "$ref" not in given:
        return given
    found: dict[str, Any] = openapi_document()["components"]["parameters"][given["$ref"].rpartition("/")[2]]
    return found


def faults(value: Any, schema: dict[str, Any]) -> list[str]:
    """What is wrong with a value by its schema."""
    whole = {**schema, "components": {"schemas": SCHEMAS}}
    return [error.message for error in Draft202012Validator(whole).iter_errors(value)]


def request_bodies() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every JSON body by the operation's name."""
    for name, operation, _ in described():
        content = operation.get("requestBody", {}).get("content", {})
        if "application/json" in content:
            yield name, content["application/json"]


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_field_has_a_default(name: str) -> None:
    """To generators it means that the field is always there, or they send it: in a patch, null takes away."""
    fields = SCHEMAS[name].get("properties", {})
    assert [field for field, schema in fields.items() if "default" in schema] == []


@pytest.mark.parametrize(
    ("name", "solid", "nullable"),
    [
        ("ContactPatch", {"kind"}, {"name", "note", "emails", "birthday"}),
        ("ProjectPatch", {"name", "status"}, {"description", "due_on"}),
        ("TaskPatch", {"title", "status"}, {"due_at", "parent_id"}),
        ("TaskUpdate", {"id", "title", "status"}, {"due_at", "parent_id"}),
        ("ColumnPatch", {"name", "project_id"}, {"task_limit"}),
        ("SavedViewPatch", {"name", "page"}, {"query"}),
        ("CompanyPatch", {"name"}, {"country", "currency"}),
        ("ProfilePatch", {"name", "email", "wants_reminders", "current_password"}, set()),
        ("MemberPatch", {"role"}, set()),
        ("Opened", {"refresh_token"}, set()),
        ("Problem", {"errors"}, set()),
        ("ContactPage", {"total", "items"}, {"next", "next_cursor"}),
    ],
)
def test_only_what_may_be_null_is_declared_so(name: str, solid: set[str], nullable: set[str]) -> None:
    fields = SCHEMAS[name]["properties"]
    may_be_null = {field for field, schema in fields.items() if NULL in schema.get("anyOf", ())}
    assert nullable <= may_be_null
    assert solid & may_be_null == set()
    assert solid <= fields.keys()


def test_a_patch_takes_single_members_of_an_object_away() -> None:
    (query,) = SCHEMAS["SavedViewPatch"]["properties"]["query"]["anyOf"][:1]
    (value,) = query["patternProperties"].values()
    assert NULL in value["anyOf"]
    (draft,) = SCHEMAS["SavedViewDraft"]["properties"]["query"]["patternProperties"].values()
    assert draft["type"] == "string"


def test_text_that_may_be_blank_has_no_least_length() -> None:
    assert "minLength" not in SCHEMAS["ContactDraft"]["properties"]["job_title"]["anyOf"][0]
    assert SCHEMAS["ProjectDraft"]["properties"]["name"]["minLength"] == 1
    assert SCHEMAS["ProfilePatch"]["properties"]["name"]["minLength"] == 1


@pytest.mark.parametrize(
    ("listed", "sort"), [("list_tasks", "-updated_at"), ("list_project_tasks", "position")]
)
def test_a_list_is_sorted_by_default_as_it_says(listed: str, sort: str) -> None:
    (found,) = [parameters for name, _, parameters in described() if name == listed]
    (given,) = [parameter for parameter in found if parameter["name"] == "sort"]
    assert given["schema"]["default"] == sort
    assert len(given["schema"]["enum"]) == len(set(given["schema"]["x-enum-varnames"]))


def test_every_operation_and_every_parameter_is_described() -> None:
    assert [name for name, operation, _ in described() if not operation["description"]] == []
    mute = [(name, p["name"]) for name, _, given in described() for p in given if not p.get("description")]
    assert mute == []


def test_every_parameter_has_an_example_that_fits() -> None:
    wrong = {
        (name, parameter["name"]): faults(parameter["example"], parameter["schema"])
        for name, _, given in described()
        for parameter in given
    }
    assert {place: told for place, told in wrong.items() if told} == {}


@pytest.mark.parametrize(("name", "body"), list(request_bodies()))
def test_every_json_body_has_an_example_that_fits(name: str, body: dict[str, Any]) -> None:
    assert body["schema"], "a body is described"
    assert faults(body["example"], body["schema"]) == []


def test_the_examples_of_bodies_are_taken_by_their_models() -> None:
    models = [operation.options[place] for operation in surface() for place in ("body", "json_file")]
    for model in filter(None, models):
        name = getattr(model, "__name__", "")
        if name in REQUESTS:
            TypeAdapter(model).validate_json(json.dumps(REQUESTS[name]))


def test_every_written_example_is_of_a_body() -> None:
    assert set(REQUESTS) <= set(SCHEMAS)


def test_every_answer_has_an_example_that_fits() -> None:
    examples = openapi_document()["components"]["examples"]
    wrong = {
        name: faults(example["value"], {"$ref": f"#/components/schemas/{name}"})
        for name, example in examples.items()
    }
    assert {name: told for name, told in wrong.items() if told} == {}
    problems = openapi_document()["components"]["responses"].values()
    for problem in problems:
        content = problem["content"]["application/problem+json"]
        assert faults(content["example"], content["schema"]) == []


def test_a_public_operation_asks_for_no_token() -> None:
    """`[{}]` says the same, but generators take any entry for a requirement."""
    security = {name: operation["security"] for name, operation, _ in described()}
    assert security["register"] == security["sign_in"] == security["health"] == []
    assert security["refresh_session"] == [{"refresh_cookie": []}, {}]


def test_changes_refuse_null() -> None:
    kinds = Changes.__subclasses__()
    assert kinds
    for kind in kinds:
        for name in kind.model_fields:
            with pytest.raises(ValueError, match="This always has a value"):
                kind.model_validate({name: None})
