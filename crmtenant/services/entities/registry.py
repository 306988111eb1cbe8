"""The nouns of an application, and how they belong to each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy.sql.ddl import sort_tables

if TYPE_CHECKING:
    from crmtenant.services.entities.entity_type import BelongsTo, EntityType
    from crmtenant.services.entities.memory import Memory


class EntityRegistry:
    """All entity types of an application, in the order in which lists of nouns name them."""

    def __init__(self, types: Iterable[EntityType] = ()) -> None:
        self.types = tuple(types)
        self.by_name = {entity.name: entity for entity in self.types}
        assert len(self.by_name) == len(self.types), "two nouns have the same name"

    def __iter__(self) -> Iterator[EntityType]:
        return iter(self.types)

    def names(self, holds: Callable[[EntityType], object] = bool) -> tuple[str, ...]:
        """Return the names of the nouns for which `holds` is true."""
        return tuple(entity.name for entity in self.types if holds(entity))

    def owned_by(self, owner: EntityType) -> list[tuple[EntityType, BelongsTo]]:
        """Return the nouns whose rows are deleted and restored with the owner's, and by which column."""
        return self._owned[owner.name]

    @cached_property
    def by_table(self) -> dict[str, EntityType]:
        """The nouns by the names of their tables, each after those that its table refers to."""
        of_table = {entity.table.name: entity for entity in self.types}
        ordered = sort_tables([entity.table for entity in self.types])
        return {table.name: of_table[table.name] for table in ordered}

    @cached_property
    def memories(self) -> tuple[Memory, ...]:
        """The tables in which rows of the nouns remember something."""
        return tuple(memory for entity in self.types for memory in entity.memories)

    @cached_property
    def _owned(self) -> dict[str, list[tuple[EntityType, BelongsTo]]]:
        owned: dict[str, list[tuple[EntityType, BelongsTo]]] = {name: [] for name in self.by_name}
        for entity in self.types:
            for link in entity.belongs_to:
                owned[link.owner].append((entity, link))
        return owned
