"""The document is valid, whole, and says what is registered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import validate

from crmtenant.api.docs import document as describe
from crmtenant.api.docs.surface import ANY, Operation
from crmtenant.schemas.crm.contact import ContactQuery
from tests.unit.api.looking import openapi_document, surface

METHODS = {"get", "post", "patch", "put", "delete"}


def described() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every operation of the document, with its address and method."""
    for path, item in openapi_document()["paths"].items():
        for method in METHODS & item.keys():
            yield path, method.upper(), item[method]


def operation(name: str) -> dict[str, Any]:
    """The operation of the document that is called so."""
    return next(found for _, _, found in described() if found["operationId"] == name)


def parameters(found: dict[str, Any]) -> dict[str, Any]:
    """The query parameters of an operation, by name."""
    return {given["name"]: given for given in found["parameters"] if "name" in given}


def headers_taken(found: dict[str, Any]) -> set[str]:
    """The request headers an operation heeds."""
    return {given["$ref"].rpartition("/")[2] for given in found["parameters"] if "$ref" in given}


def references(node: Any) -> Iterator[str]:
    """Every $ref below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert openapi_document()["openapi"] == "3.1.0"
    validate(json.loads(json.dumps(openapi_document())))


def test_every_view_is_described_and_nothing_else() -> None:
    registered = {(found.path, found.method) for found in surface() if found.method != ANY}
    assert {(path, method) for path, method, _ in described()} == registered


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [found["operationId"] for _, _, found in described()]
    assert len(set(names)) == len(names)
    assert [name for name in names if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []


@pytest.mark.parametrize(
    ("path", "method", "name"),
    [
        ("/api", "GET", "who_am_i"),
        ("/api/contacts", "GET", "list_contacts"),
        ("/api/contacts/{contact_id}", "PATCH", "change_contact"),
        ("/api/contacts/{contact_id}/tasks", "POST", "create_contact_task"),
        ("/api/projects/bulk", "POST", "bulk_projects"),
        ("/api/tasks/{task_id}/complete", "POST", "complete_task"),
        ("/api/members/{member_id}", "DELETE", "remove_member"),
        ("/api/registrations", "POST", "register"),
        ("/api/sessions", "POST", "sign_in"),
    ],
)
def test_names_are_what_a_client_would_call_its_functions(path: str, method: str, name: str) -> None:
    assert (path, method, name) in {(p, m, found["operationId"]) for p, m, found in described()}


def test_two_operations_of_one_name_are_refused() -> None:
    listed = next(found for found in surface() if found.path == "/api/contacts" and found.method == "GET")
    twin = next(found for found in surface() if found.path == "/api/tasks" and found.method == "GET")
    options = {**twin.options, "operation": "list_contacts"}
    other = Operation(twin.place, twin.name, twin.method, twin.permission, twin.view, twin.attr, options)
    with pytest.raises(ValueError, match="list_contacts"):
        describe.document([listed, other])


def test_every_tag_is_explained_and_used() -> None:
    documented = {tag["name"] for tag in openapi_document()["tags"]}
    assert documented == {tag for _, _, found in described() for tag in found["tags"]}
    assert all(tag["description"] for tag in openapi_document()["tags"])


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    document = openapi_document()
    wanted = set(references(document))
    components = {
        f"#/components/{kind}/{name}" for kind, parts in document["components"].items() for name in parts
    }
    assert wanted <= components
    assert {name for name in components if "/schemas/" in name} <= wanted


def test_a_token_is_asked_for_where_a_permission_is() -> None:
    public = {found.path for found in surface() if found.is_public}
    for path, _, found in described():
        assert (path in public) or found["security"] == [{"bearer": []}]
    assert operation("sign_in")["security"] == []
    assert operation("sign_out_everywhere")["security"] == [{"bearer": []}]


def test_headers_are_told_where_they_are_heeded() -> None:
    assert headers_taken(operation("create_contact")) == {"Idempotency-Key"}
    assert headers_taken(operation("change_contact")) == {"If-Match"}
    assert headers_taken(operation("read_contact")) == {"If-None-Match"}
    assert headers_taken(operation("complete_task")) == {"Idempotency-Key", "If-Match"}
    assert headers_taken(operation("register")) == {"Idempotency-Key"}
    assert headers_taken(operation("sign_in")) == set()


def test_headers_of_answers_are_told() -> None:
    made = operation("create_contact")["responses"]["201"]
    assert {"ETag", "Location"} <= made["headers"].keys()
    assert operation("read_contact")["responses"]["304"].keys() == {"description", "headers"}


def test_an_answer_without_content_has_none() -> None:
    silent = [found["responses"]["204"] for _, _, found in described() if "204" in found["responses"]]
    assert silent
    assert [answer for answer in silent if "content" in answer] == []


@pytest.mark.parametrize(
    ("name", "refusals"),
    [
        ("list_contacts", {400, 401, 403, 421, 429, 503}),
        ("read_contact", {400, 401, 403, 404, 421, 429, 503}),
        ("change_contact", {400, 401, 403, 404, 409, 412, 413, 415, 421, 422, 429, 503, 507}),
        ("health", {400}),
        ("register", {400, 409, 413, 415, 421, 422, 429, 503, 507}),
    ],
)
def test_refusals_are_told_only_where_they_can_happen(name: str, refusals: set[int]) -> None:
    documented = {int(status) for status in operation(name)["responses"]}
    assert {status for status in documented if status >= 400} == refusals


def test_every_refusal_is_a_problem_document() -> None:
    for response in openapi_document()["components"]["responses"].values():
        assert response["content"].keys() == {"application/problem+json"}


def test_query_parameters_have_their_bounds_and_are_never_null() -> None:
    found = parameters(operation("list_contacts"))
    assert found["limit"]["schema"]["minimum"] == 1
    assert found["limit"]["schema"]["maximum"] == 1000
    assert found["kind"]["schema"]["enum"] == ["person", "organization"]
    assert "-name" in found["sort"]["schema"]["enum"]
    assert found["q"]["description"]
    for _, _, other in described():
        assert '"null"' not in json.dumps(parameters(other))


def test_the_pattern_of_fields_takes_what_the_server_takes() -> None:
    pattern = ContactQuery.model_json_schema()["properties"]["fields"]["pattern"]
    every = ",".join(ContactQuery.FIELDS)
    assert re.search(pattern, every)
    assert re.search(pattern, "id,name")
    assert not re.search(pattern, "id,,name")
    assert not re.search(pattern, "password")


def test_lists_are_of_whole_items_and_fields_is_told_in_words() -> None:
    """Items read with `fields` are not what the schema says, so no generated client is to send it."""
    listed = operation("list_contacts")
    assert "fields" not in parameters(listed)
    assert all(f"`{name}`" in listed["description"] for name in ContactQuery.FIELDS)
    page = openapi_document()["components"]["schemas"]["ContactPage"]
    assert page["properties"]["items"]["items"] == {"$ref": "#/components/schemas/ContactOut"}
    assert page["required"] == ["items", "next", "next_cursor"]


def test_ids_are_what_addresses_take() -> None:
    paths = openapi_document()["paths"]
    (contact_id,) = paths["/api/contacts/{contact_id}"]["parameters"]
    assert contact_id["schema"] == {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    (member_id,) = paths["/api/members/{member_id}"]["parameters"]
    assert re.search(member_id["schema"]["pattern"], "u_" + "a" * 26)


def test_pages_and_models_have_names_for_people() -> None:
    names = openapi_document()["components"]["schemas"].keys()
    assert {"ContactPage", "ContactOut", "ContactDraft", "ContactPatch", "MemberPage", "Problem"} <= names
    assert [name for name in names if not re.fullmatch("[A-Z][A-Za-z]+(-Input|-Output)?", name)] == []
