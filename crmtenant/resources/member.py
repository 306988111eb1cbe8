"""The people of a company."""

from __future__ import annotations

from crmtenant.models.ids import is_id
from crmtenant.resources.base import Resource


class MemberResource(Resource):
    """One member, at the id of their login."""


class MemberCollection(Resource):
    """All members of the company."""

    item = MemberResource

    def __getitem__(self, segment: str) -> Resource:
        if not is_id("u", segment):
            raise KeyError(segment)
        return MemberResource(self, segment)
