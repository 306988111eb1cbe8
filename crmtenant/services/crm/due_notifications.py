"""In the morning people are told which of their tasks became due, and no more of those that are not due any longer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

import orjson
from sqlalchemy import Date, DateTime, Text, bindparam, delete, exists, select, text

from crmtenant.models.tenant.notification import Notification, NotificationSetting
from crmtenant.models.tenant.task import Task
from crmtenant.services.changes.acts import DUE
from crmtenant.services.crm.tasks import TASK

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.crm.due_tasks import DueTasks

_UNWANTED = select(NotificationSetting.person_id).where(
    NotificationSetting.kind == DUE, ~NotificationSetting.is_shown | (NotificationSetting.mail == "never")
)
_FORGET = delete(Notification).where(
    Notification.kind == DUE,
    Notification.read_at.is_(None),
    Notification.done_at.is_(None),
    ~exists().where(
        Task.id == Notification.row_id,
        Task.deleted_at.is_(None),
        Task.status == "open",
        Task.due_on <= bindparam("day", type_=Date),
    ),
)
# The mail of the same morning lists them, so they are mailed already.
_TELL = text("""
    INSERT INTO notification (person_id, kind, at, since, noun, row_id, count, is_batch, mailed_at)
    SELECT due.person, :kind, :moment, :moment, :noun, due.row_id, 1, false, :moment
    FROM jsonb_to_recordset(CAST(:due AS jsonb)) AS due (person text, row_id bigint)
    WHERE NOT EXISTS (
            SELECT FROM notification_setting AS setting
            WHERE setting.person_id = due.person AND setting.kind = :kind AND NOT setting.is_shown
        )
        AND NOT EXISTS (
            SELECT FROM watch
            WHERE watch.noun = :noun AND watch.row_id = due.row_id AND watch.person_id = due.person AND watch.is_muted
        )
        AND NOT EXISTS (
            SELECT FROM notification AS told
            WHERE told.person_id = due.person AND told.kind = :kind AND told.noun = :noun
                AND told.row_id = due.row_id AND told.at > :moment - interval '20 hours'
        )
""").bindparams(
    bindparam("kind", type_=Text),
    bindparam("noun", type_=Text),
    bindparam("due", type_=Text),
    bindparam("moment", type_=DateTime(timezone=True)),
)


def tell_due(
    session: Session, people: Iterable[str], due: Mapping[str, DueTasks], day: date, moment: datetime
) -> None:
    """Tell these people which of their tasks are due since today."""
    session.execute(_FORGET, {"day": day})
    rows = [
        {"person": person, "row_id": task.id}
        for person in people
        if person in due
        for task in due[person].named
        if task.due_on == day
    ]
    if rows:
        values = {"kind": DUE, "noun": TASK.name, "due": orjson.dumps(rows).decode(), "moment": moment}
        session.execute(_TELL, values)


def unwanted_by(session: Session) -> set[str]:
    """Return who wants no mail of what is due in this company."""
    return set(session.scalars(_UNWANTED))
