"""The table for people of entries."""

from __future__ import annotations

from typing import Any

from sqlalchemy import any_, case, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.entry import Entry
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.entities.sheets import Sheet

_contact = aliased(Contact)


def _names(ids: Any) -> Any:
    """Return the names of the contacts with these ids, in order."""
    named = aliased(Contact)
    names = func.array_agg(aggregate_order_by(named.name, func.array_position(ids, named.id)))
    return select(names).where(named.id == any_(ids)).correlate(Entry).scalar_subquery()


_ENTRIES = (
    select(
        Entry.id,
        Entry.happened_at,
        Entry.kind,
        Entry.subject_type.label("on"),
        case(
            (Entry.subject_type == "contact", _contact.name),
            (Entry.subject_type == "project", Project.name),
            else_=Task.title,
        ).label("record"),
        _names(Entry.contact_ids).label("contacts"),
        _names(Entry.organization_ids).label("organizations"),
        Entry.parent_id.label("reply_to"),
        Entry.direction,
        Entry.outcome,
        Entry.minutes,
        Entry.is_pinned.label("pinned"),
        Entry.body,
        Entry.edited_at,
        Entry.created_at,
        Entry.created_by,
        Entry.updated_at,
    )
    .outerjoin(_contact, (Entry.subject_type == "contact") & (_contact.id == Entry.subject_id))
    .outerjoin(Project, (Entry.subject_type == "project") & (Project.id == Entry.subject_id))
    .outerjoin(Task, (Entry.subject_type == "task") & (Task.id == Entry.subject_id))
    .where(Entry.deleted_at.is_(None))
)

ENTRY_SHEET = Sheet.of("entries.csv", _ENTRIES, "created_by", texts=("body",))
