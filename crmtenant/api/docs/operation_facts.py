"""Facts that follow from an operation's registration: name, tag, security, headers, error statuses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, get_args

from crmtenant.api.docs.surface import Operation
from crmtenant.api.web.errors import STATUSES
from crmtenant.api.web.guard import HEALTH
from crmtenant.api.web.http import SAFE_METHODS
from crmtenant.resources.base import Collection, Item, NumberedItem, OpaqueItem, Resource
from crmtenant.resources.links import API

BEARER = "bearer"
COMPANY = "company"


def identifier_of(operation: Operation) -> str:
    """Return the operationId: `list_contacts`, `create_contact_task`, `complete_task`."""
    if operation.options["operation"]:
        return str(operation.options["operation"])
    verb = operation.function.__name__.strip("_")
    return "_".join([verb, *_nouns(operation)]) if operation.attr else verb


def _nouns(operation: Operation) -> list[str]:
    """Return the nouns of the address, ids by their noun alone; a created item is in the singular."""
    segments = operation.place.path.removeprefix(API).strip("/").split("/")
    nouns: list[str] = []
    for segment in segments:
        if segment.startswith("{"):
            nouns[-1] = segment.strip("{}").removesuffix("_id")
        else:
            nouns.append(segment)
    item = operation.place.kind.item
    if operation.options["status"] == 201 and item is not None:
        nouns[-1] = _word_of(item)
    return nouns


def _word_of(item: type[Resource]) -> str:
    if issubclass(item, OpaqueItem):
        return item.word
    assert issubclass(item, Item)
    return item.entity.name


def tag_of(operation: Operation) -> str:
    """Return the tag: the collection under which people look for the operation."""
    kind = operation.place.kind
    item = kind.item if issubclass(kind, Collection) else kind
    if item is not None and issubclass(item, Item):
        return item.entity.collection
    segments = operation.place.path.removeprefix(API).split("/")
    return segments[1].partition(".")[0] if len(segments) > 1 else COMPANY


def security_of(operation: Operation) -> Sequence[str | None]:
    """Return the schemes of which one is required; None stands for anybody."""
    default = (None,) if operation.is_public else (BEARER,)
    security: Sequence[str | None] = operation.options["security"] or default
    return security


def takes_of(operation: Operation) -> Sequence[str]:
    """Return the request headers that it understands."""
    own = operation.options["takes"] or ()
    return ("Idempotency-Key", *own) if _is_idempotent(operation) else own


def gives_of(operation: Operation) -> Sequence[str]:
    """Return the response headers of success."""
    own = operation.options["gives"] or ()
    return (*own, "Idempotent-Replayed") if _is_idempotent(operation) else own


def _is_idempotent(operation: Operation) -> bool:
    # What writes to the catalog keeps no answer (web/idempotency.py).
    return operation.method == "POST" and issubclass(operation.place.kind, Collection | Item | NumberedItem)


def is_required(body: Any) -> bool:
    """Return whether a body is required: `Model | None` makes it optional."""
    return NoneType not in get_args(body)


def statuses_of(operation: Operation) -> Iterator[tuple[int, str]]:
    """Yield the error statuses it may have, and the names of the errors."""
    possible = set(_possible(operation)) | set(operation.options["refuses"] or ())
    for error, status in STATUSES.items():
        number = int(status.partition(" ")[0])
        if number in possible:
            yield number, error.__name__


def _possible(operation: Operation) -> Iterator[int]:
    yield 400
    if operation.path != HEALTH:
        yield 421
    has_token = BEARER in security_of(operation)
    is_safe = operation.method in SAFE_METHODS
    has_body = bool(operation.options["body"] or (operation.options["media"] or {}).get("body"))
    takes = takes_of(operation)
    if has_token:
        yield from (401, 403)
    if operation.place.parameters:
        yield 404
    if "If-Match" in takes:
        yield 412
    if has_body:
        yield from (413, 415, 422)
    if "Idempotency-Key" in takes:
        yield 422
    if has_token or not is_safe:
        yield 503
    if not operation.is_public:
        yield 429
    if not is_safe:
        yield from (409, 507)
