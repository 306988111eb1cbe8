"""Each role may do what ROLE_PERMISSIONS says and nothing else, at every address."""

from __future__ import annotations

import pytest

from crmtenant.api.surface import Operation
from crmtenant.permissions import ROLE_PERMISSIONS, Role
from tests.functional.installation import Client, Company
from tests.functional.requests_of_surface import OPERATIONS, asked, name_of

GUARDED = [operation for operation in OPERATIONS if not operation.is_public]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("operation", GUARDED, ids=name_of)
def test_forbidden_exactly_where_the_role_lacks_the_permission(
    north_for_all: Company, role: Role, operation: Operation
) -> None:
    status = asked(north_for_all.client(role), operation)
    assert (status == 403) == (operation.permission not in ROLE_PERMISSIONS[role]), status


@pytest.mark.parametrize("operation", GUARDED, ids=name_of)
def test_nobody_comes_in_without_a_token(anonymous: Client, operation: Operation) -> None:
    assert asked(anonymous, operation) == 401
