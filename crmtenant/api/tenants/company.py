"""Who is signed in, and in which company; the company itself."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config, view_defaults

from crmtenant.api.web.http import json_response, read_json
from crmtenant.permissions import Permission
from crmtenant.resources.company import CompanyProfile
from crmtenant.resources.links import path_of
from crmtenant.resources.public import Health
from crmtenant.resources.root import Root
from crmtenant.resources.tenant import Tenant
from crmtenant.schemas.base import load_patch
from crmtenant.schemas.tenants import company
from crmtenant.services.tenants.companies import Companies, CompanyRecord


class HealthOut(BaseModel):
    """The health of the process."""

    status: Literal["ok", "storage_full"] = Field(
        description="With storage_full, people can read, export and delete, but not write."
    )


@view_config(
    context=Tenant,
    request_method="GET",
    permission=Permission.COMPANY_READ,
    out=company.WhoAmI,
    summary="Read who is signed in: company, person, role and permissions",
)
def who_am_i(context: Tenant, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Return the company, the person, their role and permissions, and links to everything."""
    names = (*context.entity_tree.collections, *Tenant.own_children)
    links = {name: path_of(context[name]) for name in names}
    return json_response(company.dump(context.identity, {"self": path_of(context), **links}))


@view_defaults(context=CompanyProfile)
class CompanyViews:
    """The company itself."""

    def __init__(self, context: CompanyProfile, request: Any) -> None:
        self.request = request
        self.companies: Companies = request.registry.platform.tenants.companies
        self.company_id = context.tenant.identity.company_id

    @view_config(
        request_method="GET",
        permission=Permission.COMPANY_READ,
        out=company.CompanyOut,
        summary="Read the company",
    )
    def read(self) -> Response:
        """Return the company as the catalog has it now."""
        return json_response(company.dump_company(self.companies.get(self.company_id)))

    @view_config(
        request_method="PATCH",
        permission=Permission.COMPANY_WRITE,
        body=company.CompanyPatch,
        out=company.CompanyOut,
        summary="Change the company's name and region",
    )
    def change(self) -> Response:
        """Apply a merge patch and return the company. Other processes see it when their cached entry expires."""
        patch = read_json(self.request)

        def changes_of(current: CompanyRecord) -> dict[str, Any]:
            return load_patch(company.CompanyDraft, company.writable(current), patch).columns()

        return json_response(company.dump_company(self.companies.change(self.company_id, changes_of)))


@view_config(context=Root, permission=NO_PERMISSION_REQUIRED)
def nobody(context: Root, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Raise why the request has no company."""
    raise context.refusal


@view_config(
    context=Health,
    request_method="GET",
    permission=NO_PERMISSION_REQUIRED,
    out=HealthOut,
    summary="Check that the service responds",
)
def health(context: Health, request: Any) -> Response:  # noqa: ARG001 (a view's signature)
    """Answer without touching a database. With a full disk we still serve who reads, so the status stays 200."""
    is_full = request.registry.platform.storage.is_full()
    return json_response({"status": "storage_full" if is_full else "ok"})
