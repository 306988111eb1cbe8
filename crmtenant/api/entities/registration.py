"""Registration of nouns: how each is served.

The noun itself is declared as an `EntityType`; here it gets its places, its JSON and its views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from crmtenant.api.entities.collection_views import CollectionViews
from crmtenant.api.entities.item_views import ItemViews
from crmtenant.resources.base import Collection, Nested
from crmtenant.resources.entity_tree import EntityTree
from crmtenant.schemas.documents import bulk_documents, page_document
from crmtenant.schemas.shapes import Shapes


def no_actions(config: Any) -> None:
    """Add no views beyond those every noun has."""


@dataclass(frozen=True, eq=False, slots=True)
class Registration:
    """How a noun is served.

    Reading asks for the permission `<access>:read`, writing for `<access>:write`. `actions` adds the views that only
    this noun has.
    """

    collection: type[Collection]
    shapes: Shapes
    access: str
    nested: tuple[type[Nested], ...] = ()
    collection_views: type[CollectionViews] = CollectionViews
    item_views: type[ItemViews] = ItemViews
    actions: Callable[[Any], None] = no_actions


def entity_tree_of(registrations: Iterable[Registration]) -> EntityTree:
    """Return where the nouns are, and through that which nouns there are."""
    return EntityTree((one.collection, one.nested) for one in registrations)


def add_entities(config: Any, registrations: Iterable[Registration]) -> None:
    """Register the nouns: what they are, where they are, and their views."""
    registered = tuple(registrations)
    config.registry.entity_tree = entity_tree_of(registered)
    config.registry.shapes = {one.collection.item.entity.name: one.shapes for one in registered}
    for one in registered:
        _add_views(config, one)
        one.actions(config)


def _add_views(config: Any, one: Registration) -> None:
    place, shapes, item_place = one.collection, one.shapes, one.collection.item
    noun = item_place.entity.name.replace("_", " ")
    nouns = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    a_noun = f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
    read, write = f"{one.access}:read", f"{one.access}:write"
    bulk_in, bulk_out = bulk_documents(shapes.draft, shapes.patch, shapes.out)
    page = page_document(shapes.out)

    def add(view: type, attr: str, context: type, method: str, permission: str, **options: Any) -> None:
        config.add_view(
            view, attr=attr, context=context, request_method=method, permission=permission, **options
        )

    for listed in (place, *one.nested):
        add(one.collection_views, "list", listed, "GET", read,
            query=shapes.query, out=page, summary=f"List {nouns}")  # fmt: skip
        add(one.collection_views, "create", listed, "POST", write,
            body=shapes.draft, out=shapes.out, status=201, gives=("ETag", "Location"),
            summary=f"Create {a_noun}")  # fmt: skip
    add(one.collection_views, "bulk", place, "POST", write, name="bulk",
        body=bulk_in, out=bulk_out, summary=f"Create, change, delete and restore many {nouns}")  # fmt: skip
    add(one.item_views, "read", item_place, "GET", read,
        out=shapes.out, takes=("If-None-Match",), gives=("ETag",), summary=f"Read {a_noun}")  # fmt: skip
    add(one.item_views, "change", item_place, "PATCH", write,
        body=shapes.patch, out=shapes.out, takes=("If-Match",), gives=("ETag",),
        summary=f"Change {a_noun}")  # fmt: skip
    add(one.item_views, "remove", item_place, "DELETE", write,
        status=204, takes=("If-Match",), summary=f"Delete {a_noun}")  # fmt: skip
    add(one.item_views, "restore", item_place, "POST", write, name="restore",
        out=shapes.out, gives=("ETag",), summary=f"Restore {a_noun} from the trash")  # fmt: skip
