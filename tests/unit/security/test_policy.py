"""Permission needs an identity at the root, the permission in its role and the context in its tree."""

from __future__ import annotations

import pytest

from crmtenant.permissions import NOBODY, ROLE_PERMISSIONS, Permission, Role
from crmtenant.security.identity import Identity
from crmtenant.security.policy import TreePolicy

POLICY = TreePolicy()


class Place:
    def __init__(self, parent=None, identity=None):
        self.__parent__ = parent
        self.identity = identity


class Request:
    def __init__(self, root=None):
        self.root = root


def identity(role):
    values = dict.fromkeys(Identity.__dataclass_fields__, "x")
    return Identity(**{**values, "user_id": "u_1", "role": role, "permissions": ROLE_PERMISSIONS[role]})


def tree(role):
    root = Place(identity=identity(role))
    return root, Place(Place(root))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", Permission)
def test_a_role_may_what_its_permissions_say_and_nothing_else(role, permission):
    root, leaf = tree(role)
    for context in (root, leaf):
        allowed = POLICY.permits(Request(root), context, permission)
        assert bool(allowed) is (permission in ROLE_PERMISSIONS[role])


@pytest.mark.parametrize("permission", [NOBODY, "", "contact", "contact:*", "CONTACT:READ", "admin", None])
def test_nobody_holds_what_is_no_permission(permission):
    root, leaf = tree("owner")
    assert not POLICY.permits(Request(root), leaf, permission)


def test_without_an_identity_nothing_is_permitted():
    root = Place()
    assert not POLICY.permits(Request(root), root, "contact:read")
    assert not POLICY.permits(Request(None), root, "contact:read")
    assert not POLICY.permits(object(), root, "contact:read")


def test_a_thing_that_only_looks_like_an_identity_is_none():
    root = Place(identity=Request())
    root.identity.permissions = {"contact:read"}
    assert not POLICY.permits(Request(root), root, "contact:read")
    assert POLICY.identity(Request(root)) is None


def test_the_tree_of_another_company_is_out_of_reach():
    root, _ = tree("owner")
    other, leaf = tree("owner")
    assert not POLICY.permits(Request(root), other, "contact:read")
    assert not POLICY.permits(Request(root), leaf, "contact:read")


@pytest.mark.parametrize("context", [None, object(), ValueError("an exception view's context")])
def test_what_is_in_no_tree_is_out_of_reach(context):
    root, _ = tree("owner")
    assert not POLICY.permits(Request(root), context, "contact:read")


def test_the_identity_is_the_roots():
    root, _ = tree("viewer")
    assert POLICY.identity(Request(root)) is root.identity
    assert POLICY.authenticated_userid(Request(root)) == "u_1"
    assert POLICY.authenticated_userid(Request()) is None


def test_nothing_is_remembered_in_headers():
    assert POLICY.remember(Request(), "u_1") == []
    assert POLICY.forget(Request()) == []
