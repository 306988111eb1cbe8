"""What every resource has: a name, a parent, children. And the two kinds most of them are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from crmtenant.resources.links import parse_id

if TYPE_CHECKING:
    from crmtenant.services.entities.entity_type import EntityType


class Resource:
    """A place in the tree. `children` maps a URL segment to the class of the child that lives there; what lives
    at ids is of the class `item`."""

    children: ClassVar[dict[str, type[Resource]]] = {}
    item: ClassVar[type[Resource] | None] = None

    def __init__(self, parent: Resource | None, name: str) -> None:
        self.__parent__ = parent
        self.__name__ = name

    @property
    def tenant(self) -> Any:
        """The company this place belongs to, a `Tenant`."""
        assert self.__parent__ is not None
        return self.__parent__.tenant

    def __getitem__(self, segment: str) -> Resource:
        child = self.children.get(segment)
        if child is None:
            raise KeyError(segment)
        return child(self, segment)


class Item(Resource):
    """One row's place. The row itself is read by the view: an address costs no query."""

    entity: ClassVar[EntityType]

    def __init__(self, parent: Resource, name: str) -> None:
        super().__init__(parent, name)
        self.id = int(name)

    def __getitem__(self, segment: str) -> Resource:
        nested = self.tenant.entity_tree.nested(self.entity.name).get(segment)
        return nested(self, segment) if nested else super().__getitem__(segment)


class NumberedItem(Resource):
    """The place of something that has a row id and is no row of a noun."""

    #: what it is called in addresses
    word: ClassVar[str]

    def __init__(self, parent: Resource, name: str) -> None:
        super().__init__(parent, name)
        self.id = int(name)


class OpaqueItem(Resource):
    """The place of something whose id is opaque: a letter, `_` and 26 characters (ids.py)."""

    #: what it is called in addresses, and the letter of its ids
    word: ClassVar[str]
    id_prefix: ClassVar[str]


class Collection(Resource):
    """All rows of a noun. Its items live at their id."""

    item: ClassVar[type[Item]]
    #: what a list is ordered by unless asked otherwise, where that is not what the noun's query says
    default_sort: ClassVar[str | None] = None

    @property
    def entity(self) -> EntityType:
        """What is collected here."""
        return self.item.entity

    def __getitem__(self, segment: str) -> Resource:
        if parse_id(segment) is None:
            raise KeyError(segment)
        return self.item(self, segment)


class Nested(Collection):
    """The rows of a noun that belong to one item of the noun `owner_name`.

    They are listed and created here, and found at their own address. `belongs_by` is the field that names the item.
    Where that may be of several nouns, `belongs_by_type` is the field that names its noun.
    """

    owner_name: ClassVar[str]
    belongs_by: ClassVar[str]
    belongs_by_type: ClassVar[str | None] = None

    @property
    def owner(self) -> Item:
        """The item the rows belong to."""
        assert isinstance(self.__parent__, Item)
        return self.__parent__

    @property
    def reference(self) -> dict[str, Any]:
        """The fields of the rows by which they belong to the item."""
        by_id = {self.belongs_by: self.owner.id}
        return by_id if self.belongs_by_type is None else {**by_id, self.belongs_by_type: self.owner_name}

    def __getitem__(self, segment: str) -> Resource:
        raise KeyError(segment)
