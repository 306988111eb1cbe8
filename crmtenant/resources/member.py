"""The members of a company."""

from __future__ import annotations

from crmtenant.ids import is_id
from crmtenant.resources.base import OpaqueItem, Resource


class MemberResource(OpaqueItem):
    """One member, at their user id."""

    word, id_prefix = "member", "u"


class MemberCollection(Resource):
    """All members of the company."""

    item = MemberResource

    def __getitem__(self, segment: str) -> Resource:
        if not is_id(MemberResource.id_prefix, segment):
            raise KeyError(segment)
        return MemberResource(self, segment)
