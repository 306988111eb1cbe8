"""The root of every request: its company if it has a valid token, otherwise the public root."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import DomainError, Forbidden, Unauthenticated, Unavailable
from crmtenant.resources.base import Resource
from crmtenant.resources.public import PUBLIC_CHILDREN
from crmtenant.resources.tenant import Tenant
from crmtenant.security.identity import Identity

if TYPE_CHECKING:
    from pyramid.request import Request

    from crmtenant.platform import Platform
    from crmtenant.resources.entity_tree import EntityTree


class Root(Resource):
    """The public root. Looking up a child that only a company has raises why the request has no company."""

    children: ClassVar[dict[str, type[Resource]]] = PUBLIC_CHILDREN
    identity = None

    def __init__(self, platform: Platform, entity_tree: EntityTree, refusal: DomainError) -> None:
        super().__init__(None, "")
        self.platform = platform
        self.refusal = refusal
        self._entity_tree = entity_tree

    @property
    def tenant(self) -> Tenant:
        """Raises why the request has no company."""
        raise self.refusal

    def __getitem__(self, segment: str) -> Resource:
        if segment in Tenant.own_children or segment in self._entity_tree.collections:
            raise self.refusal
        return super().__getitem__(segment)


def root_factory(request: Request) -> Resource:
    """Return the `Tenant` of the request's token, or the public `Root`, with at most one cached catalog query."""
    platform: Platform = request.registry.platform
    try:
        admission = platform.identity.admissions.admit(request.environ.get("HTTP_AUTHORIZATION"))
    except (Unauthenticated, Forbidden, Unavailable) as refusal:
        return Root(platform, request.registry.entity_tree, refusal)
    return Tenant(request, platform, admission.identity, admission.address, admission)


def inspection_root(request: Request) -> Resource:
    """Return the tree of a company that does not exist, for scripts that look up views by URL."""
    nobody = Identity("", "", "", "", "", "", "", role="", permissions=frozenset())
    return Tenant(request, request.registry.platform, nobody, DatabaseAddress("", 0, "", ""))
