"""Read all contacts that match, in batches, so that neither memory nor a connection is held for long."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import BigInteger, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from crmtenant.models.tenant.contact import Contact
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.duplicates.identity import uid_of
from crmtenant.services.entities.listing import PageRequest, page

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

    OpenReader = Callable[[], AbstractContextManager[Reader]]

ROWS_AT_ONCE = 500

# Organisations go first, so that an import of the file finds them when their people follow.
_KINDS = ("organization", "person")
_NAMES = select(Contact.id, Contact.name).where(
    Contact.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), Contact.deleted_at.is_(None)
)

_SOURCES = select(Contact.id, Contact.source_keys).where(
    Contact.id == any_(bindparam("ids", type_=ARRAY(BigInteger))), Contact.source_keys != []
)


def contacts_in_batches(
    open_reader: OpenReader, filters: Mapping[str, Any]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the JSON fields of every live contact that matches, with the name of its `organization`.

    Organisations come first, each kind in order of creation. A connection is held for one batch at a time, so
    that a slow download keeps nobody waiting.
    """
    for kind in _KINDS:
        if filters.get("kind", kind) == kind:
            yield from _of_kind(open_reader, {**filters, "kind": kind})


def _of_kind(open_reader: OpenReader, filters: Mapping[str, Any]) -> Iterator[list[dict[str, Any]]]:
    after = None
    while True:
        request = PageRequest(
            filters, "created_at", is_descending=False, limit=ROWS_AT_ONCE, viewer_id="", after=after
        )
        with open_reader() as reader:
            found = page(reader, CONTACT, request)
            items = [orjson.loads(item) for item in found.items]
            names = _organization_names(reader, items)
        if items:
            yield [{**item, "organization": names.get(item["organization_id"])} for item in items]
        after = found.after
        if after is None:
            return


def with_uids(
    open_reader: OpenReader, batches: Iterable[list[dict[str, Any]]]
) -> Iterator[list[dict[str, Any]]]:
    """Yield the same contacts with the `uid` that they came with, for vCards."""
    for batch in batches:
        with open_reader() as reader:
            rows = reader.rows(_SOURCES, {"ids": [item["id"] for item in batch]})
        uids = {row_id: uid_of(keys) for row_id, keys in rows}
        yield [{**item, "uid": uids.get(item["id"])} for item in batch]


def _organization_names(reader: Reader, items: list[dict[str, Any]]) -> dict[int, str]:
    ids = sorted({item["organization_id"] for item in items if item["organization_id"] is not None})
    return {row[0]: row[1] for row in reader.rows(_NAMES, {"ids": ids})} if ids else {}
