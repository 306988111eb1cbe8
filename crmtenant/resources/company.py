"""The company itself."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Resource


class CompanyDeletion(Resource):
    """That the company is to be deleted."""


class CompanyProfile(Resource):
    """The company: what it is called and where it is at home."""

    children: ClassVar[dict[str, type[Resource]]] = {"deletion": CompanyDeletion}
