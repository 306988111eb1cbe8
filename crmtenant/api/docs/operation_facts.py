"""What follows from an operation's registration: its name, its tag, who may call it, how it may be refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import NoneType
from typing import Any, get_args

from crmtenant.api.docs.surface import Operation
from crmtenant.api.web.errors import STATUSES
from crmtenant.api.web.http import SAFE_METHODS
from crmtenant.resources.base import Collection, Item, OpaqueItem, Resource
from crmtenant.resources.links import API
from crmtenant.resources.public import PublicPlace

BEARER = "bearer"
COMPANY = "company"


def identifier_of(operation: Operation) -> str:
    """The operationId: `list_contacts`, `create_contact_task`, `complete_task`."""
    if operation.told["operation"]:
        return str(operation.told["operation"])
    verb = operation.function.__name__.strip("_")
    return "_".join([verb, *_nouns(operation)]) if operation.attr else verb


def _nouns(operation: Operation) -> list[str]:
    """What the address names, each id by its noun alone; what is created is one."""
    segments = operation.place.path.removeprefix(API).strip("/").split("/")
    nouns: list[str] = []
    for segment in segments:
        if segment.startswith("{"):
            nouns[-1] = segment.strip("{}").removesuffix("_id")
        else:
            nouns.append(segment)
    item = operation.place.kind.item
    if operation.told["status"] == 201 and item is not None:
        nouns[-1] = _word_of(item)
    return nouns


def _word_of(item: type[Resource]) -> str:
    if issubclass(item, OpaqueItem):
        return item.word
    assert issubclass(item, Item)
    return item.entity.name


def tag_of(operation: Operation) -> str:
    """The collection under which people look for it."""
    kind = operation.place.kind
    item = kind.item if issubclass(kind, Collection) else kind
    if item is not None and issubclass(item, Item):
        return item.entity.collection
    segments = operation.place.path.removeprefix(API).split("/")
    return segments[1].partition(".")[0] if len(segments) > 1 else COMPANY


def security_of(operation: Operation) -> Sequence[str | None]:
    """The schemes of which one is needed; None stands for anybody."""
    default = (None,) if operation.is_public else (BEARER,)
    security: Sequence[str | None] = operation.told["security"] or default
    return security


def takes_of(operation: Operation) -> Sequence[str]:
    """The request headers it heeds."""
    own = operation.told["takes"] or ()
    return ("Idempotency-Key", *own) if _is_answered_once(operation) else own


def gives_of(operation: Operation) -> Sequence[str]:
    """The response headers it sends when it succeeds."""
    own = operation.told["gives"] or ()
    return (*own, "Idempotent-Replayed") if _is_answered_once(operation) else own


def _is_answered_once(operation: Operation) -> bool:
    return operation.method == "POST" and not issubclass(operation.place.kind, PublicPlace)


def is_required(body: Any) -> bool:
    """Whether a body must be sent: `Model | None` says that it need not."""
    return NoneType not in get_args(body)


def statuses_of(operation: Operation) -> Iterator[tuple[int, str]]:
    """The statuses it may be refused with, and the names of the refusals."""
    possible = set(_possible(operation)) | set(operation.told["refuses"] or ())
    for error, status in STATUSES.items():
        number = int(status.partition(" ")[0])
        if number in possible:
            yield number, error.__name__


def _possible(operation: Operation) -> Iterator[int]:
    yield 400
    has_token = BEARER in security_of(operation)
    is_safe = operation.method in SAFE_METHODS
    has_body = bool(operation.told["body"] or (operation.told["media"] or {}).get("body"))
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
    if not is_safe:
        yield from (409, 507)
