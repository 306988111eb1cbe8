"""The trash, and what is in it."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Resource
from crmtenant.services.entities.entity_type import EntityType


class TrashedItem(Item):
    """The place of one row in the trash, from where it is deleted for good."""

    def __getitem__(self, segment: str) -> Resource:
        raise KeyError(segment)


class TrashedRows(Collection):
    """The place of the rows of one noun that are in the trash."""


class Trash(Resource):
    """Everything in the company's trash; an item is restored at its own address, and deleted for good beneath this one."""

    def __getitem__(self, segment: str) -> Resource:
        place = self.tenant.entity_tree.trashed.get(segment)
        return place(self, segment) if place else super().__getitem__(segment)


def trashed_place(entity: EntityType) -> type[TrashedRows]:
    """Return the class of the place of this noun's rows in the trash."""
    name = entity.model.__name__
    described = {"__doc__": f"One {entity.name} in the trash.", "entity": entity}
    item = type(f"Trashed{name}", (TrashedItem,), described)
    return type(f"Trashed{name}Rows", (TrashedRows,), {"__doc__": TrashedRows.__doc__, "item": item})
