"""Made-up requests, well-formed and not, for every operation of the document: the answers are as described."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.functional.installation import Company
from tests.unit.api.looking import openapi_document

EXAMPLES = 8
ROWS = 8

CHECKS: tuple[Callable[..., Any], ...] = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(openapi_document())))


@schema.hook
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


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: schemathesis.Case, company: Company, token: str) -> None:
    case.call_and_validate(
        app=company.app.app,
        base_url="http://localhost",
        checks=list(CHECKS),
        headers={"Authorization": f"Bearer {token}"},
    )
