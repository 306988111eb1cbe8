"""Where the registered nouns are: their collections beneath a company, and the lists beneath their items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.trash import Trash, TrashedItem, TrashedRows, trashed_place
from crmtenant.services.entities.registry import EntityRegistry


class EntityTree:
    """The places of all nouns of an application."""

    def __init__(self, places: Iterable[tuple[type[Collection], Iterable[type[Nested]]]]) -> None:
        collections = dict(places)
        items = [collection.item for collection in collections]
        self.entities = EntityRegistry(item.entity for item in items)
        self.collections = {collection.item.entity.collection: collection for collection in collections}
        self.trashed: dict[str, type[TrashedRows]] = {
            entity.name: trashed_place(entity) for entity in self.entities
        }
        self._nested: dict[str, dict[str, type[Nested]]] = {name: {} for name in self.entities.by_name}
        for nested in (one for several in collections.values() for one in several):
            self._nested[nested.owner_name][nested.item.entity.collection] = nested

    def nested(self, owner_name: str) -> Mapping[str, type[Nested]]:
        """Return the lists beneath each item of this noun, by segment."""
        return self._nested[owner_name]

    def children_of(self, kind: type[Resource]) -> dict[str, type[Resource]]:
        """Return all that lies beneath resources of this class, by segment."""
        if issubclass(kind, Trash):
            return {**kind.children, **self.trashed}
        if not issubclass(kind, Item) or issubclass(kind, TrashedItem):
            return kind.children
        return {**kind.children, **self.nested(kind.entity.name)}
