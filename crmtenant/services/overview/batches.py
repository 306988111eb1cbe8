"""What was done to many rows in one go within the last 30 days, newest first; one statement a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Integer, Select, Text, bindparam, func, or_, select, true

from crmtenant.models.tenant.change import Batch
from crmtenant.services.entities.entity_type import VIEWER
from crmtenant.services.overview.undo import KEPT_FOR

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader
    from crmtenant.services.entities.change import Actor

_FIELDS = ("id", "kind", "at", "by", "noun", "summary", "undone_at", "undone_by")
_COUNTS = ("created", "changed", "removed", "restored", "along")


def page(
    reader: Reader, actor: Actor, may_write: Callable[[str], bool], limit: int, after: int | None
) -> list[dict[str, Any]]:
    """Return at most `limit` batches that the actor may know of, those before the id `after` if it is given."""
    values: dict[str, Any] = {VIEWER: actor.id, "most": limit}
    if after is not None:
        values["after"] = after
    rows = reader.rows(_statement(is_continued=after is not None), values)
    return [_as_item(dict(zip(_FIELDS, row, strict=True)), actor, may_write) for row in rows]


def _as_item(batch: dict[str, Any], actor: Actor, may_write: Callable[[str], bool]) -> dict[str, Any]:
    summary = batch["summary"]
    is_theirs = batch["by"] == actor.id or actor.may_manage_shared
    return {
        **batch,
        "summary": {**{name: summary.get(name, 0) for name in _COUNTS}, "title": summary.get("title")},
        "can_undo": batch["undone_at"] is None and is_theirs and may_write(batch["noun"]),
        "kept_until": batch["at"] + KEPT_FOR,
    }


@lru_cache(maxsize=2)
def _statement(*, is_continued: bool) -> Select[Any]:
    audience = Batch.summary["audience"].astext
    return (
        select(*(getattr(Batch, name) for name in _FIELDS))
        .where(
            Batch.at > func.now() - func.make_interval(0, 0, 0, KEPT_FOR.days),
            or_(audience.is_(None), audience == bindparam(VIEWER, type_=Text)),
            Batch.id < bindparam("after", type_=BigInteger) if is_continued else true(),
        )
        .order_by(Batch.id.desc())
        .limit(bindparam("most", type_=Integer))
    )
