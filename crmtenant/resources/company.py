"""The company itself."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Resource


class CompanyDeletion(Resource):
    """The request to delete the company."""


class CompanyProfile(Resource):
    """The company and its settings."""

    children: ClassVar[dict[str, type[Resource]]] = {"deletion": CompanyDeletion}
