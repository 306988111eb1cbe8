"""Erasing a person: the contact, what was written about them alone, and what the log and batches remember of both.

The log is not for the company's role to change; one function of its owner's does it, for a contact that is gone
with it (ADR 37). It all happens in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, delete, func, select, update

from crmtenant.db.pool.long_statements import allow_long_statements
from crmtenant.errors import FieldError, Invalid
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.entry import Entry
from crmtenant.models.tenant.idempotency import Answer
from crmtenant.services.changes.written import ERASED
from crmtenant.services.crm.contacts import CONTACT
from crmtenant.services.crm.entries import ENTRY
from crmtenant.services.crm.entry_links import restamped
from crmtenant.services.writing.purging import purge

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.services.entities.change import Actor, Values


_ERASE = select(func.erase_contact(bindparam("contact_id", type_=BigInteger)))
#: Not the one that is being answered.
_FORGET_ANSWERS = delete(Answer).where(Answer.status.is_not(None))


def erase(
    session: Session, actor: Actor, contact_id: int, name: str, tokens_of: Callable[[Any], Iterable[str]]
) -> None:
    """Erase the contact, be it in the trash or not. `tokens_of` returns what a contact is found by.

    Raises: `NotFound`; `Invalid` where `name` is not what the contact is called.
    """
    allow_long_statements(session)
    writer = CONTACT.writer
    row = writer.lock(session, actor, contact_id, is_deleted=_is_in_trash(session, contact_id))
    if name != row.name:
        detail = "This is not the name of the contact."
        raise Invalid(FieldError("/name", "name_differs", detail), detail=detail)
    people = _people_of(session, contact_id)
    _keep_what_is_about_others(session, actor, contact_id)
    if row.deleted_at is None:
        writer.remove(session, actor, [row])
    purge(
        session,
        actor,
        CONTACT,
        [contact_id],
        verb=ERASED,
        before_deleting=lambda: session.execute(_ERASE, {"contact_id": contact_id}),
    )
    session.execute(_FORGET_ANSWERS, execution_options={"synchronize_session": False})
    _find_by_their_own_words(session, people, tokens_of)


def _is_in_trash(session: Session, contact_id: int) -> bool:
    return session.scalar(select(Contact.deleted_at).where(Contact.id == contact_id)) is not None


def _people_of(session: Session, contact_id: int) -> list[int]:
    return list(session.scalars(select(Contact.id).where(Contact.organization_id == contact_id)))


def _keep_what_is_about_others(session: Session, actor: Actor, contact_id: int) -> None:
    """Let entries on the contact that are about others too, and their replies, be on one of those."""
    on_contact = (Entry.subject_type == "contact", Entry.subject_id == contact_id)
    shared = (
        select(Entry)
        .where(*on_contact, func.cardinality(Entry.contact_ids) > 1)
        .order_by(Entry.id)
        .with_for_update(key_share=True)
    )
    for row in session.scalars(shared).all():
        remaining = _existing(session, [one for one in row.contact_ids if one != contact_id])
        if not remaining:
            continue
        values = {"subject_id": remaining[0], "contact_ids": remaining}
        _write(session, actor, row, {**values, "organization_ids": restamped(session, row, remaining)})
        replies = session.scalars(select(Entry).where(Entry.parent_id == row.id).with_for_update())
        for reply in replies.all():
            _write(session, actor, reply, {"subject_id": remaining[0]})


def _existing(session: Session, contact_ids: list[int]) -> list[int]:
    """Return the contacts that there are, those in the trash last."""
    found = session.execute(select(Contact.id, Contact.deleted_at).where(Contact.id.in_(contact_ids)))
    is_in_trash = {row.id: row.deleted_at is not None for row in found}
    return sorted((one for one in contact_ids if one in is_in_trash), key=is_in_trash.__getitem__)


def _write(session: Session, actor: Actor, row: Any, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    ENTRY.writer.touch(row, actor)
    session.flush()


def _find_by_their_own_words(
    session: Session, contact_ids: Iterable[int], tokens_of: Callable[[Any], Iterable[str]]
) -> None:
    """Let people no longer be found by the name of an organisation that is gone."""
    for row in session.scalars(
        select(Contact).where(Contact.id.in_(contact_ids)).execution_options(populate_existing=True)
    ).all():
        search = list(tokens_of(row))
        session.execute(
            update(Contact)
            .where(Contact.id == row.id)
            .values(search=search)
            .execution_options(synchronize_session=False)
        )
