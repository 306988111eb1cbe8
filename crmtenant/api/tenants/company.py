"""Who am I, and where am I; the company itself."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, read_json
from crmtenant.errors import NotFound
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.resources.links import path_of
from crmtenant.resources.public import Health
from crmtenant.resources.root import Root
from crmtenant.resources.tenant import Tenant
from crmtenant.schemas.base import load_patch
from crmtenant.schemas.tenants import company
from crmtenant.services.tenants import companies


class HealthOut(BaseModel):
    """That the process answers."""

    status: str


@view_config(
    context=Tenant,
    request_method="GET",
    permission=Permission.COMPANY_READ,
    out=company.WhoAmI,
    summary="Who am I: the company, the person, their role and permissions",
)
def who_am_i(context: Tenant, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """The company, the person, their role and permissions, and links to everything."""
    names = (*context.entity_tree.collections, *Tenant.own_children)
    links = {name: path_of(context[name]) for name in names}
    return json_response(company.dump(context.identity, {"self": path_of(context), **links}))


@view_defaults(context=CompanyProfile)
class CompanyViews:
    """The company itself."""

    def __init__(self, context: CompanyProfile, request: Any) -> None:
        self.request = request
        self.platform = context.tenant.platform
        self.company_id = context.tenant.identity.company_id

    @view_config(
        request_method="GET",
        permission=Permission.COMPANY_READ,
        out=company.CompanyOut,
        summary="Read the company",
    )
    def read(self) -> Response:
        """The company, as the catalog has it now."""
        with self.platform.catalog.reading() as reader:
            found = companies.named(reader, self.company_id)
        if found is None:
            raise NotFound
        return json_response(company.dump_company(found))

    @view_config(
        request_method="PATCH",
        permission=Permission.COMPANY_WRITE,
        body=company.CompanyPatch,
        out=company.CompanyOut,
        summary="Change what the company is called and where it is at home",
    )
    def change(self) -> Response:
        """The company after a merge patch; other processes know within the time they keep what they looked up."""
        patch = read_json(self.request)

        def changed(now: companies.Company) -> dict[str, Any]:
            return load_patch(company.CompanyDraft, company.writable(now), patch).columns()

        with self.platform.catalog.begin() as session:
            found = companies.change(session, self.company_id, changed)
        self.platform.directory.forget_company(self.company_id)
        return json_response(company.dump_company(found))


@view_config(context=Root, permission=NO_PERMISSION_REQUIRED)
def nobody(context: Root, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Never an answer: raises why the request has no company."""
    raise context.refusal


@view_config(
    context=Health,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    out=HealthOut,
    summary="Whether the service answers",
)
def health(context: Health, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """That the process answers; touches no database."""
    return json_response({"status": "ok"})
