"""Everything that can be asked, as Pyramid's introspector knows it: a new endpoint joins the tests by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from crmtenant import make_app
from crmtenant.resources.base import Nested, OpaqueItem, Resource
from crmtenant.resources.member import MemberCollection, MemberResource
from crmtenant.resources.public import PublicPlace
from crmtenant.resources.tenant import Tenant
from tests.functional.installation import settings_for


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One view: `path` has `{id}` where an item's id goes; `body` and `query` are its documents."""

    context: type
    name: str
    method: str
    path: str
    permission: str
    body: Any
    query: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def registry() -> Any:
    """The registry of an application whose platform nobody needs."""
    return make_app(SimpleNamespace(settings=settings_for(Path("nowhere")))).registry


def introspector() -> Any:
    """What was registered for that application."""
    return registry().introspector


@cache
def places() -> dict[type, str]:
    """The address of every kind of place inside a company, by its class."""
    collections = registry().entity_tree.collections.items()
    found = dict(_walk(Tenant, "/api"))
    return found | {
        kind: path for segment, one in collections for kind, path in _walk(one, f"/api/{segment}")
    }


def _walk(kind: Any, path: str) -> Iterator[tuple[type, str]]:
    if not issubclass(kind, PublicPlace):
        yield kind, path
    for segment, child in registry().entity_tree.children_of(kind).items():
        yield from _walk(child, f"{path}/{segment}")
    if kind.item is not None and not issubclass(kind, Nested | PublicPlace):
        yield from _walk(kind.item, f"{path}/{{id}}")


@cache
def endpoints() -> list[Endpoint]:
    """Every view inside a company, by method."""
    found = []
    for entry in introspector().get_category("views"):
        view = entry["introspectable"]
        kind = view["context"]
        if not (isinstance(kind, type) and issubclass(kind, Resource)) or kind not in places():
            continue
        methods = view["request_methods"]
        method = methods if isinstance(methods, str) else next(m for m in methods if m != "HEAD")
        (permission,) = [
            related["value"]
            for related in introspector().related(view)
            if related.category_name == "permissions"
        ]
        path = f"{places()[kind]}/{view['name']}".rstrip("/")
        found.append(
            Endpoint(kind, view["name"], method, path, permission, view.get("body"), view.get("query"))
        )
    return sorted(found, key=str)


def lists() -> list[Endpoint]:
    """The endpoints that answer pages."""
    asking = [endpoint for endpoint in endpoints() if endpoint.query is not None and not endpoint.name]
    return [endpoint for endpoint in asking if "cursor" in endpoint.query.model_fields]


def is_of_people(endpoint: Endpoint) -> bool:
    """Whether the id in the path is a person's."""
    return issubclass(endpoint.context, MemberCollection | MemberResource)


def opaque_prefix(path: str) -> str | None:
    """The letter of the opaque id in the path of a place or an endpoint; None where it has none, or a number."""
    item = path.partition("{id}")[0] + "{id}"
    kind = next((kind for kind, place in places().items() if place == item), None)
    return kind.id_prefix if kind is not None and issubclass(kind, OpaqueItem) else None


def with_absent_id(path: str) -> str:
    """The path with an id that nothing has."""
    prefix = opaque_prefix(path)
    return path.format(id=f"{prefix}_{'a' * 26}" if prefix else 2**62)
