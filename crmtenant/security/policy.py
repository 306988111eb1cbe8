"""Pyramid's security policy: what the identity at the root of the tree may do.

There is no table of ACLs to walk: a company's root carries the identity, the identity carries the role's
permissions, and whoever did not come in through that root has none.
"""

from __future__ import annotations

from typing import Any

from pyramid.interfaces import ISecurityPolicy
from pyramid.security import Allowed, Denied
from zope.interface import implementer

from crmtenant.security.identity import Identity


@implementer(ISecurityPolicy)
class TreePolicy:
    """Grants the permissions of the role inside the tree of the request's own company, and nothing else."""

    def identity(self, request: Any) -> Identity | None:
        """Return the identity, or None outside any company and before traversal."""
        identity = getattr(getattr(request, "root", None), "identity", None)
        return identity if isinstance(identity, Identity) else None

    def authenticated_userid(self, request: Any) -> str | None:
        """Return the user id, or None."""
        identity = self.identity(request)
        return identity.user_id if identity else None

    def permits(self, request: Any, context: Any, permission: str) -> Allowed | Denied:
        """Return whether the identity holds the permission and the context is in its company's tree."""
        identity = self.identity(request)
        if identity is None:
            return Denied("nobody is signed in")
        if _root_of(context) is not request.root:
            return Denied("the context is not in the tree of this request's company")
        if permission not in identity.permissions:
            return Denied("the role %s does not hold %s", identity.role, permission)
        return Allowed("the role %s holds %s", identity.role, permission)

    def remember(self, request: Any, userid: str, **options: Any) -> list[tuple[str, str]]:  # noqa: ARG002 (the interface's)
        """Return no headers: clients send tokens."""
        return []

    def forget(self, request: Any, **options: Any) -> list[tuple[str, str]]:  # noqa: ARG002 (the interface's)
        """Return no headers: clients send tokens."""
        return []


def _root_of(context: Any) -> Any:
    place = context
    while (parent := getattr(place, "__parent__", None)) is not None:
        place = parent
    return place
