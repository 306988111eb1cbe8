"""All operations of the application: each view at each of its addresses, from the running registry.

Addresses come from the tree's classes, views from Pyramid's introspector. The OpenAPI document, `crmtenant
views` and the tests of the surface all use this list, so they cannot disagree with what is registered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyramid.security import NO_PERMISSION_REQUIRED

from crmtenant.api.web.view_options import OPTIONS
from crmtenant.permissions import NOBODY
from crmtenant.resources.base import Item, Nested, NumberedItem, OpaqueItem, Resource
from crmtenant.resources.entity_tree import EntityTree
from crmtenant.resources.links import API
from crmtenant.resources.root import Root
from crmtenant.resources.tenant import Tenant

PUBLIC = "public"
ANY = "ANY"

_CODE = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A segment of an address that is an id. `pattern` is None for ids that are positive integers."""

    name: str
    pattern: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The address of a class of resources in the tree: `/api/contacts/{contact_id}`."""

    kind: type[Resource]
    path: str
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address. `permission` is `public` if none is required."""

    place: Place
    name: str
    method: str
    permission: str
    view: Any
    attr: str | None
    options: Mapping[str, Any]

    @property
    def path(self) -> str:
        """The address, with ids in braces."""
        return f"{self.place.path}/{self.name}" if self.name else self.place.path

    @property
    def is_public(self) -> bool:
        """Whether no permission is required."""
        return self.permission == PUBLIC

    @property
    def function(self) -> Any:
        """The function of the view."""
        return getattr(self.view, self.attr) if self.attr else self.view

    @property
    def source(self) -> str:
        """The file and line of the function: `crmtenant/api/entities/crud.py:116`."""
        code = self.function.__code__
        return f"{Path(code.co_filename).relative_to(_CODE)}:{code.co_firstlineno}"


def operations(registry: Any) -> list[Operation]:
    """Return every operation, sorted by address and method."""
    views = [entry for entry in registry.introspector.get_category("views") if _is_of_tree(entry)]
    found: dict[tuple[str, str], Operation] = {}
    for place in places(registry.entity_tree):
        for entry in _nearest_last(place, views):
            for operation in _operations_of(place, entry):
                found[operation.path, operation.method] = operation
    return sorted(found.values(), key=lambda operation: (operation.path, operation.method))


def places(tree: EntityTree) -> list[Place]:
    """Every place there is, the public root first."""
    collections = (Place(kind, f"{API}/{segment}") for segment, kind in tree.collections.items())
    found = [Place(Root, API), *_below(Place(Tenant, API), tree)]
    return [*found, *(below for place in collections for below in _below(place, tree))]


def _below(place: Place, tree: EntityTree) -> Iterator[Place]:
    yield place
    for segment, child in tree.children_of(place.kind).items():
        yield from _below(Place(child, f"{place.path}/{segment}", place.parameters), tree)
    item = place.kind.item
    if item is not None and not issubclass(place.kind, Nested):
        parameter = _parameter_of(item)
        path = f"{place.path}/{{{parameter.name}}}"
        yield from _below(Place(item, path, (*place.parameters, parameter)), tree)


def _parameter_of(item: type[Resource]) -> Parameter:
    if issubclass(item, OpaqueItem):
        return Parameter(f"{item.word}_id", f"^{item.id_prefix}_[a-z2-7]{{26}}$")
    if issubclass(item, NumberedItem):
        return Parameter(f"{item.word}_id", None)
    assert issubclass(item, Item)
    return Parameter(f"{item.entity.name}_id", None)


def _is_of_tree(entry: Mapping[str, Any]) -> bool:
    context = entry["introspectable"]["context"]
    return isinstance(context, type) and issubclass(context, Resource)


def _nearest_last(place: Place, views: list[Any]) -> list[Any]:
    """Return the views of the place's class and its bases, those of the class itself last."""
    lineage = place.kind.__mro__
    own = [entry for entry in views if entry["introspectable"]["context"] in lineage]
    return sorted(own, key=lambda entry: -lineage.index(entry["introspectable"]["context"]))


def _operations_of(place: Place, entry: Mapping[str, Any]) -> Iterator[Operation]:
    view = entry["introspectable"]
    methods = view["request_methods"] or ANY
    for method in {methods} if isinstance(methods, str) else set(methods) - {"HEAD"}:
        yield Operation(
            place=place,
            name=view["name"],
            method=method,
            permission=_permission_of(entry),
            view=view["callable"],
            attr=view["attr"],
            options={name: view.get(name) for name in OPTIONS},
        )


def _permission_of(entry: Mapping[str, Any]) -> str:
    """Return the required permission; `nobody` if the view declares none."""
    held = [related["value"] for related in entry["related"] if related.category_name == "permissions"]
    permission = str(held[0]) if held else NOBODY
    return PUBLIC if permission == NO_PERMISSION_REQUIRED else permission
