"""Made-up requests, well-formed and not, for the operations of the document: the answers are as described.

Schemathesis is imported, and makes requests up, only in the process that asks them: both take seconds, and each
process of a test run collects all tests. So its plugin for pytest, which does it while tests are collected, is off.
Each run asks some of the operations; of the bounds of its values, hundreds, it tries some, and a few requests made up
at random.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

from tests.functional.installation import Company
from tests.sampling import IS_TORTURE, Sample, seed_of
from tests.unit.api.looking import openapi_document

if TYPE_CHECKING:
    from schemathesis import APIOperation, Case

AT_RANDOM = 50 if IS_TORTURE else 4
BOUNDS = 60
ROWS = 8
# Each operation is asked hundreds of times: too much for one process while the others are done.
GROUPS = 6
#: These take what the whole collection takes, whose values are tried at their bounds; here they are tried at random.
NESTED = [
    "/api/contacts/{contact_id}/contacts",
    "/api/contacts/{contact_id}/projects",
    "/api/contacts/{contact_id}/tasks",
    "/api/projects/{project_id}/columns",
    "/api/projects/{project_id}/tasks",
    "/api/tasks/{task_id}/tasks",
]
OPERATIONS = [
    f"{method.upper()} {path}"
    for path, item in openapi_document()["paths"].items()
    for method in item
    if method != "parameters"
]


@pytest.fixture(scope="module")
def operations(pytestconfig: pytest.Config) -> dict[str, APIOperation[Any, Any, Any, Any]]:
    """What Schemathesis reads from the document."""
    import schemathesis

    at_random = {"include-path": NESTED, "phases": {"coverage": {"enabled": False}}}
    config = schemathesis.Config.from_dict({"seed": seed_of(pytestconfig), "operations": [at_random]})
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi_document())), config=config)
    schema.hook(map_path_parameters)
    return {operation.ok().label: operation.ok() for operation in schema.get_all_operations()}


def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Well-formed ids become small ones, so that many of them are of rows that are there."""
    return {
        name: value % ROWS + 1 if isinstance(value, int) and value > 0 else value
        for name, value in (path_parameters or {}).items()
    }


@pytest.fixture(scope="module")
def company(new_company: Callable[[str], Company]) -> Company:
    """A company with a few rows of everything."""
    company = new_company("Schemathesis")
    client = company.client()
    for number in range(ROWS // 2):
        contact = client.create("/api/contacts", name=f"Contact {number}", tags=["a"], birthday="1990-01-31")
        project = client.create("/api/projects", name=f"Project {number}", contact_id=contact["id"])
        column = client.create("/api/columns", name=f"Column {number}", project_id=project["id"])
        client.create("/api/tasks", title="Task", project_id=project["id"], column_id=column["id"])
        thrown = client.create("/api/contacts", name=f"Thrown away {number}")
        client.delete(f"/api/contacts/{thrown['id']}")
    return company


@pytest.fixture
def token(company: Company) -> str:
    """The token of somebody new: signing out everywhere would void everybody's."""
    (user_id,) = company.join("owner")
    return company.platform.identity.tokens.issue(user_id, company.id, 1)


def _made_up(operation: APIOperation[Any, Any, Any, Any], ask: Callable[..., None]) -> Callable[..., None]:
    """Asks many times: the examples of the document, the bounds of each value, and at random."""
    from schemathesis.checks import load_all_checks
    from schemathesis.generation.feedback import FeedbackSources
    from schemathesis.pytest._test_builder import build_operation_test

    load_all_checks()
    return build_operation_test(
        config=operation.schema.config,
        operation=operation,
        test_func=ask,
        given_kwargs={},
        feedback=FeedbackSources(),
    )


def _checks() -> list[Callable[..., Any]]:
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    return [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]


def closing_itself(app: Callable[..., Any]) -> Callable[..., list[bytes]]:
    """The application, whose answers are closed, as a server does (PEP 3333) and Schemathesis does not."""

    def answer(environ: Any, start_response: Any) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return list(body)
        finally:
            getattr(body, "close", lambda: None)()

    return answer


@pytest.mark.parametrize("path", NESTED)
def test_a_nested_collection_takes_what_the_whole_one_takes(path: str) -> None:
    assert _taken(path) == _taken(f"/api/{path.rpartition('/')[2]}")


def _taken(path: str) -> dict[str, Any]:
    """Query, headers and body of each method of the address; in which order it sorts by itself does not matter."""
    methods = {
        name: value for name, value in openapi_document()["paths"][path].items() if name != "parameters"
    }
    return {
        method: (_asked(value["parameters"]), value.get("requestBody")) for method, value in methods.items()
    }


def _asked(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {**one, "example": None, "schema": {**one["schema"], "default": None}}
        if one.get("name") == "sort"
        else one
        for one in parameters
    ]


def test_every_operation_is_tried(operations: dict[str, Any]) -> None:
    assert sorted(operations) == sorted(OPERATIONS)


@pytest.mark.slow
@pytest.mark.sampled(48)
@pytest.mark.parametrize(
    "label",
    [
        pytest.param(label, marks=pytest.mark.xdist_group(f"made up, {number % GROUPS}"))
        for number, label in enumerate(OPERATIONS)
    ],
)
def test_answers_are_as_described(
    label: str,
    operations: dict[str, APIOperation[Any, Any, Any, Any]],
    company: Company,
    token: str,
    sample: Sample,
) -> None:
    checks = _checks()

    @settings(
        max_examples=AT_RANDOM,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Case) -> None:
        case.call_and_validate(
            app=closing_itself(company.app.app),
            base_url="http://localhost",
            checks=checks,
            headers={"Authorization": f"Bearer {token}"},
        )

    asked: Any = _made_up(operations[label], ask)
    asked.hypothesis_explicit_examples = sample(getattr(asked, "hypothesis_explicit_examples", []), BOUNDS)
    asked()
