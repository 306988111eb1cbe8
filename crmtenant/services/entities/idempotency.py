"""Stored responses: a request that is repeated with its Idempotency-Key changes nothing and gets the same response.

The key is claimed in the transaction of the write it guards, so they commit together or not at all. A second
request under the key waits for the first at the unique index, then finds its answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.errors import FieldError, Invalid
from crmtenant.models.tenant.idempotency import Answer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

KEPT = timedelta(hours=24)
PURGED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class StoredResponse:
    """A response: its status code, the headers that belong to it, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


def claim(session: Session, user_id: str, key: str, request_hash: bytes) -> StoredResponse | None:
    """Claim the key for this request and return None, or return the response it was used for.

    `Invalid` (idempotency_key_reused) when the key was used for another request.
    """
    _purge(session)
    is_ours = session.execute(
        insert(Answer)
        .values(user_id=user_id, key=key, request_hash=request_hash)
        .on_conflict_do_nothing()
        .returning(Answer.key)
    ).scalar()
    if is_ours:
        return None
    earlier = session.execute(
        select(Answer.request_hash, Answer.status, Answer.headers, Answer.body).where(
            Answer.user_id == user_id, Answer.key == key
        )
    ).one()
    if earlier.request_hash != request_hash:
        detail = "This key was used for a different request."
        raise Invalid(
            FieldError("Idempotency-Key", "idempotency_key_reused", detail),
            detail=detail,
            code="idempotency_key_reused",
        )
    return StoredResponse(earlier.status, earlier.headers, bytes(earlier.body))


def keep(session: Session, user_id: str, key: str, response: StoredResponse) -> None:
    """Store the response under the claimed key."""
    session.execute(
        update(Answer)
        .where(Answer.user_id == user_id, Answer.key == key)
        .values(status=response.status, headers=response.headers, body=response.body)
    )


def _purge(session: Session) -> None:
    """Delete some responses that are older than a day."""
    old = select(Answer.user_id, Answer.key).where(Answer.created_at < now() - KEPT)
    some = old.limit(PURGED_AT_ONCE).with_for_update(skip_locked=True).subquery()
    session.execute(
        delete(Answer)
        .where(Answer.user_id == some.c.user_id, Answer.key == some.c.key)
        .execution_options(synchronize_session=False)
    )
