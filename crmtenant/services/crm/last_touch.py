"""When somebody last wrote on a contact: derived from entries, and no change of the contact.

The contact's version stays as it is: nobody changed anything, and nothing may be triggered by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Update,
    any_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm.util import identity_key

from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.entry import Entry

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

_ids = bindparam("ids", type_=ARRAY(BigInteger))
_IDS = any_(_ids)
_each = (
    func.unnest(Entry.contact_ids + Entry.organization_ids)
    .table_valued(column("id", BigInteger))
    .render_derived("each")
)
_wanted = func.unnest(_ids).table_valued(column("id", BigInteger)).render_derived("wanted")
_LOCKED = select(Contact.id).where(Contact.id == _IDS).order_by(Contact.id).with_for_update(key_share=True)
_FEW = 50


def _counted_anew(*conditions: ColumnElement[bool]) -> Update:
    """Return the statement that looks at the entries once for all the contacts, whether it reads an index or all."""
    about = (
        select(_each.c.id, func.max(Entry.happened_at).label("at"))
        .select_from(Entry)
        .join(_each, true())
        .where(Entry.deleted_at.is_(None), _each.c.id == _IDS, *conditions)
        .group_by(_each.c.id)
        .subquery("about")
    )
    known = _wanted.outerjoin(about, about.c.id == _wanted.c.id)
    newest = select(_wanted.c.id, about.c.at).select_from(known).subquery("newest")
    return update(Contact).where(Contact.id == newest.c.id).values(last_touch_at=newest.c.at)


_OF_FEW = _counted_anew(or_(Entry.contact_ids.overlap(_ids), Entry.organization_ids.overlap(_ids)))
#: `&&` compares each with each.
_OF_MANY = _counted_anew()
_LATER = (
    update(Contact)
    .where(Contact.id.in_(_LOCKED))
    .values(
        last_touch_at=func.greatest(
            Contact.last_touch_at, bindparam("moment", type_=Contact.last_touch_at.type)
        )
    )
)


def touch(session: Session, contact_ids: Iterable[int], moment: datetime) -> None:
    """Note that somebody was in touch with these contacts at that moment, unless it was later."""
    ids = sorted(set(contact_ids))
    if ids:
        _run(session, _LATER, ids, moment=moment)


def touch_anew(session: Session, contact_ids: Iterable[int]) -> None:
    """Find out anew when somebody was last in touch with these contacts."""
    ids = sorted(set(contact_ids))
    if ids:
        # By a statement of its own: what others wrote while we waited for the rows is seen by the next one only.
        session.execute(_LOCKED, {"ids": ids})
        _run(session, _OF_FEW if len(ids) <= _FEW else _OF_MANY, ids)


def contacts_of(rows: Iterable[Any]) -> set[int]:
    """Return the contacts whose last touch these entries may be."""
    return {contact_id for row in rows for contact_id in (*row.contact_ids, *row.organization_ids)}


def contacts_of_entries(session: Session, entry_ids: Sequence[int]) -> set[int]:
    """Return the contacts whose last touch the entries with these ids may be."""
    entries = select(Entry.contact_ids, Entry.organization_ids).where(Entry.id == _IDS)
    return contacts_of(session.execute(entries, {"ids": list(entry_ids)}))


def _run(session: Session, statement: Any, ids: list[int], **values: Any) -> None:
    """Execute the statement; rows read before have the new moment when it is asked for."""
    session.execute(statement, {"ids": ids, **values}, execution_options={"synchronize_session": False})
    for contact_id in ids:
        known = session.identity_map.get(identity_key(Contact, contact_id))
        if known is not None:
            session.expire(known, ["last_touch_at"])
