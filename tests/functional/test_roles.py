"""Every role at every endpoint: what the role's permissions say is what happens."""

from __future__ import annotations

import pytest

from crmtenant.permissions import NOBODY, ROLE_PERMISSIONS, Permission
from tests.functional.furnishing import path_of
from tests.functional.installation import Client, Company
from tests.functional.surface import Endpoint, endpoints, introspector, with_absent_id

CELLS = [
    pytest.param(endpoint, role, id=f"{role} {endpoint}")
    for endpoint in endpoints()
    for role in ROLE_PERMISSIONS
]


@pytest.mark.parametrize(("endpoint", "role"), CELLS)
def test_a_role_may_do_what_it_holds(endpoint: Endpoint, role: str, north_for_all: Company) -> None:
    client = north_for_all.client(role)
    path = with_absent_id(endpoint.path)
    body = b"" if endpoint.method in {"GET", "DELETE"} else b"[]"
    answer = client.raw(endpoint.method, path, body, {"Content-Type": "application/json"})
    # Everybody may leave the company; to remove others takes what the rest of the members' endpoints takes.
    removes_others = str(endpoint) == "DELETE /api/members/{id}"
    permission = Permission.MEMBER_WRITE if removes_others else endpoint.permission
    if permission in ROLE_PERMISSIONS[role]:
        # What a worker does is taken, or put off while the company has another job.
        assert answer.status_int in {200, 202, 204, 404, 409, 415, 422}
    else:
        assert answer.status_int == 403
        assert answer.json["code"] == "forbidden"


@pytest.mark.parametrize("endpoint", endpoints(), ids=str)
def test_nobody_gets_in_without_a_token(
    endpoint: Endpoint, anonymous: Client, north_for_all: Company
) -> None:
    answer = anonymous.raw(endpoint.method, path_of(endpoint, north_for_all))
    assert answer.status_int == 401
    # RFC 6750, section 3.1: no error is named where no token was sent.
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="crmtenant"'
    assert answer.json["code"] == "invalid_token"


def test_every_endpoint_names_a_permission_of_ours() -> None:
    assert {endpoint.permission for endpoint in endpoints()} <= set(Permission)


def test_a_view_that_forgot_its_permission_is_shut() -> None:
    (default,) = introspector().get_category("default permission")
    assert default["introspectable"]["value"] == NOBODY
    assert not any(NOBODY in permissions for permissions in ROLE_PERMISSIONS.values())
