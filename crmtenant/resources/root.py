"""The root of every request: its company if it has a valid token, otherwise the public root."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crmtenant.db.pool.address import DatabaseAddress
from crmtenant.errors import DomainError, Forbidden, Unauthenticated, Unavailable
from crmtenant.permissions import ROLE_PERMISSIONS
from crmtenant.resources.base import Resource
from crmtenant.resources.public import PUBLIC_CHILDREN
from crmtenant.resources.tenant import Tenant
from crmtenant.security.identity import Identity
from crmtenant.security.tokens import Claims, bearer

if TYPE_CHECKING:
    from pyramid.request import Request

    from crmtenant.platform import Platform
    from crmtenant.resources.entity_tree import EntityTree
    from crmtenant.services.identity.access import Access


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
        header = request.environ.get("HTTP_AUTHORIZATION")
        token = bearer([] if header is None else [header])
        if token is None:
            raise Unauthenticated(is_of_token=False)
        tenant = _tenant(request, platform, token)
        platform.remember_company(header, tenant.identity.company_id)
        return tenant
    except (Unauthenticated, Forbidden, Unavailable) as refusal:
        return Root(platform, request.registry.entity_tree, refusal)


def inspection_root(request: Request) -> Resource:
    """Return the tree of a company that does not exist, for scripts that look up views by URL."""
    nobody = Identity("", "", "", "", "", "", "", role="", permissions=frozenset())
    return Tenant(request, request.registry.platform, nobody, DatabaseAddress("", 0, "", ""))


def _tenant(request: Request, platform: Platform, token: str) -> Tenant:
    claims = platform.identity.tokens.read(token)
    access = platform.identity.access.find(claims.tenant_id, claims.user_id, claims.token_version)
    if access is None:
        raise Unauthenticated
    refusal = access.refusal(claims.token_version, claims.session_id)
    if refusal is not None:
        raise refusal
    identity = _identity(claims, access)
    address = platform.databases.addresses.of(access, claims.tenant_id)
    return Tenant(request, platform, identity, address, access.holding)


def _identity(claims: Claims, access: Access) -> Identity:
    return Identity(
        user_id=claims.user_id,
        person_name=access.person_name,
        email=access.email,
        session_id=claims.session_id,
        company_id=claims.tenant_id,
        company_name=access.company_name,
        slug=access.slug,
        role=access.role,
        company_epoch=access.epoch,
        permissions=ROLE_PERMISSIONS[access.role],
        country=access.country,
        currency=access.currency,
        language=access.language,
        time_zone=access.time_zone,
        delete_after=access.delete_after,
    )
