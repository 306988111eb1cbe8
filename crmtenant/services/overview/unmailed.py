"""What people were told and neither read nor got by mail yet."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, DateTime, Select, and_, any_, bindparam, case, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from crmtenant.models.tenant.notification import Notification, NotificationSetting
from crmtenant.services.overview.notification_settings import DEFAULT_MAIL
from crmtenant.services.overview.notifications import shown

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.registry import EntityRegistry

NEWS_FOR = timedelta(days=8)
"""What is older is mailed no more."""

_FIELDS = (
    "id", "person_id", "kind", "by", "title", "excerpt", "entry_id", "count", "is_batch", "since",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unmailed:
    """A notification of which there may be a mail: `mail` is when."""

    id: int
    person_id: str
    kind: str
    by: str | None
    title: str | None
    excerpt: str | None
    entry_id: int | None
    count: int
    is_batch: bool
    since: datetime
    mail: str


def unmailed(session: Session, entities: EntityRegistry, moment: datetime) -> list[Unmailed]:
    """Return them, the oldest first."""
    values = {"oldest": moment - NEWS_FOR}
    return [Unmailed(*row) for row in session.execute(_statement(entities), values)]


def mark_mailed(session: Session, told: Iterable[Unmailed], moment: datetime) -> None:
    """Remember that these are in a mail."""
    ids = [one.id for one in told]
    if ids:
        mailed = update(Notification).where(Notification.id == any_(bindparam("ids", ids, ARRAY(BigInteger))))
        session.execute(mailed.values(mailed_at=moment))


def of_people(told: Iterable[Unmailed], people: Collection[str], mail: str) -> dict[str, list[Unmailed]]:
    """Return by person what is to be mailed in this way to those of these people."""
    found: dict[str, list[Unmailed]] = {}
    for one in told:
        if one.mail == mail and one.person_id in people:
            found.setdefault(one.person_id, []).append(one)
    return found


@lru_cache(maxsize=16)
def _statement(entities: EntityRegistry) -> Select[Any]:
    told = shown(entities)
    default = case(*((told.c.kind == kind, mail) for kind, mail in DEFAULT_MAIL.items()))
    chosen = and_(NotificationSetting.person_id == told.c.person_id, NotificationSetting.kind == told.c.kind)
    return (
        select(*(told.c[name] for name in _FIELDS), func.coalesce(NotificationSetting.mail, default))
        .select_from(told.outerjoin(NotificationSetting, chosen))
        .where(
            told.c.mailed_at.is_(None),
            told.c.read_at.is_(None),
            told.c.done_at.is_(None),
            told.c.since > bindparam("oldest", type_=DateTime(timezone=True)),
        )
        .order_by(told.c.since, told.c.id)
    )
