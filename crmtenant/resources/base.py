"""What every resource has: a name, a parent, children. And the two kinds most of them are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from crmtenant.resources.links import parse_id

if TYPE_CHECKING:
    from crmtenant.resources.tenant import Tenant
    from crmtenant.services.entities.listing import EntityType
    from crmtenant.services.entities.writing import EntityWriter


class Resource:
    """A place in the tree. `children` maps a URL segment to the class of the child that lives there; what lives
    at ids is of the class `item`."""

    children: ClassVar[dict[str, type[Resource]]] = {}
    item: ClassVar[type[Resource] | None] = None

    def __init__(self, parent: Resource | None, name: str) -> None:
        self.__parent__ = parent
        self.__name__ = name

    @property
    def tenant(self) -> Tenant:
        """The company this place belongs to."""
        assert self.__parent__ is not None
        return self.__parent__.tenant

    def __getitem__(self, segment: str) -> Resource:
        child = self.children.get(segment)
        if child is None:
            raise KeyError(segment)
        return child(self, segment)


class Item(Resource):
    """One row's place. The row itself is read by the view: an address costs no query."""

    #: the noun, for links and documents
    noun: ClassVar[EntityType]
    records: ClassVar[EntityWriter]

    def __init__(self, parent: Resource, name: str) -> None:
        super().__init__(parent, name)
        self.id = int(name)


class OpaqueItem(Resource):
    """The place of something whose id is opaque: a letter, `_` and 26 characters (models/ids.py)."""

    #: what it is called in addresses, and the letter of its ids
    word: ClassVar[str]
    id_prefix: ClassVar[str]


class Collection(Resource):
    """All rows of a noun. Its items live at their id."""

    item: ClassVar[type[Item]]
    #: what a list is ordered by unless asked otherwise, where that is not what the noun's query says
    default_sort: ClassVar[str | None] = None

    @property
    def noun(self) -> EntityType:
        """What is collected here."""
        return self.item.noun

    @property
    def records(self) -> EntityWriter:
        """The writes of what is collected here."""
        return self.item.records

    def __getitem__(self, segment: str) -> Resource:
        if parse_id(segment) is None:
            raise KeyError(segment)
        return self.item(self, segment)


class Nested(Collection):
    """The rows of a noun that belong to one item: listed and created here, found at their own address."""

    #: the field of the rows that names the item they belong to
    belongs_by: ClassVar[str]

    @property
    def owner(self) -> Item:
        """The item the rows belong to."""
        assert isinstance(self.__parent__, Item)
        return self.__parent__

    def __getitem__(self, segment: str) -> Resource:
        raise KeyError(segment)
