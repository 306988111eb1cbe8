"""What an entry is about: the contacts named in it, and the organisations they belong to when it is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.entry import Entry
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.entities.change import Values

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

SUBJECTS = {"contact": Contact, "project": Project, "task": Task}


def with_links(session: Session, drafts: Sequence[Values]) -> list[Values]:
    """Return the drafts with their subjects, contacts and organisations; a reply has its parent's subject."""
    subjects = _subjects_of_parents(session, {draft["parent_id"] for draft in drafts} - {None})
    linked = [_with_subject(draft, subjects) for draft in drafts]
    organizations = organizations_of(session, {one for draft in linked for one in draft["contact_ids"]})
    return [
        {**draft, "organization_ids": stamp(draft["contact_ids"], organizations), "edited_at": None}
        for draft in linked
    ]


def organizations_of(session: Session, contact_ids: Iterable[int]) -> dict[int, int]:
    """Return by contact the organisation that it is, or that the person works for now."""
    ids = list(contact_ids)
    if not ids:
        return {}
    found = session.execute(
        select(Contact.id, Contact.kind, Contact.organization_id).where(Contact.id.in_(ids))
    )
    own = {row.id: row.id if row.kind == "organization" else row.organization_id for row in found}
    return {contact_id: organization for contact_id, organization in own.items() if organization is not None}


def stamp(contact_ids: Iterable[int], organizations: dict[int, int]) -> list[int]:
    """Return the organisations of these contacts, each once."""
    return list(dict.fromkeys(organizations[one] for one in contact_ids if one in organizations))


def restamped(session: Session, row: Any, contact_ids: Sequence[int]) -> list[int]:
    """Return the organisations of an entry that is about other contacts now: those of who stays remain as they were."""
    before, after = set(row.contact_ids), set(contact_ids)
    organizations = organizations_of(session, before | after)
    left = {organizations.get(one) for one in before - after}
    kept = {organizations.get(one) for one in before & after}
    remaining = [one for one in row.organization_ids if one in kept or one not in left]
    new = stamp((one for one in contact_ids if one not in before), organizations)
    return list(dict.fromkeys([*remaining, *new]))


def _subjects_of_parents(session: Session, parent_ids: set[int]) -> dict[int, tuple[str, int]]:
    if not parent_ids:
        return {}
    found = session.execute(
        select(Entry.id, Entry.subject_type, Entry.subject_id).where(Entry.id.in_(parent_ids))
    )
    return {row.id: (row.subject_type, row.subject_id) for row in found}


def _with_subject(draft: Values, subjects: dict[int, tuple[str, int]]) -> Values:
    if draft["parent_id"] in subjects:
        noun, row_id = subjects[draft["parent_id"]]
        given = {"subject_type": draft["subject_type"] or noun, "subject_id": draft["subject_id"] or row_id}
        return {**draft, **given}
    return {**draft, "contact_ids": with_subject(draft, draft["contact_ids"])}


def with_subject(values: Values, contact_ids: Iterable[int]) -> list[int]:
    """Return the contacts, first the one that the entry is written on."""
    own = [values["subject_id"]] if values["subject_type"] == "contact" else []
    return list(dict.fromkeys([*own, *contact_ids]))
