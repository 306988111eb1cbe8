"""The places of what was done to many rows in one go."""

from __future__ import annotations

from crmtenant.resources.base import NumberedItem, Resource
from crmtenant.resources.links import parse_id


class BatchResource(NumberedItem):
    """One batch."""

    word = "batch"


class BatchCollection(Resource):
    """The batches of the last 30 days."""

    item = BatchResource

    def __getitem__(self, segment: str) -> Resource:
        if parse_id(segment) is None:
            raise KeyError(segment)
        return BatchResource(self, segment)
