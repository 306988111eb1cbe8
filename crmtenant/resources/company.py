"""The company itself."""

from __future__ import annotations

from crmtenant.resources.base import Resource


class CompanyProfile(Resource):
    """The company: what it is called and where it is at home."""
