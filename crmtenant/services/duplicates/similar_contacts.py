"""The contacts that one about to be created may be already: a hint, by the rule that imports decide by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, and_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from crmtenant.models.tenant.contact import Contact
from crmtenant.services.duplicates.identity import Identity, are_same
from crmtenant.services.entities.entity_type import name_of
from crmtenant.text.compared_names import ComparedName, compared

if TYPE_CHECKING:
    from crmtenant.db.pool.reader import Reader

MOST_EXAMINED = 100
_TEXTS = ARRAY(Text)
_REASONS = ("same", "same_name", "same_address")
# An end that no name reaches: names of people are whole, those of organisations may have a legal form behind them.
_AFTER_NAME = {"person": " ", "organization": "!"}

_SIMILAR = (
    select(
        *(Contact.id, Contact.kind, Contact.name, Contact.emails[0]["value"].astext),
        name_of(Contact, Contact.organization_id),
        *(Contact.email_keys, Contact.phone_keys),
    )
    .where(
        Contact.deleted_at.is_(None),
        Contact.kind == bindparam("kind"),
        or_(
            Contact.email_keys.overlap(bindparam("emails", type_=_TEXTS)),
            Contact.phone_keys.overlap(bindparam("phones", type_=_TEXTS)),
            and_(Contact.match_key >= bindparam("first"), Contact.match_key < bindparam("behind")),
        ),
    )
    .order_by(Contact.id)
    .limit(MOST_EXAMINED)
)


def similar(
    reader: Reader, *, kind: str, name: str | None, email: str | None, phones: list[str], limit: int
) -> list[dict[str, Any]]:
    """Return contacts of the kind that have the name, or one of the keys of an address or number.

    `reason` is `same` for what an import would take for the same contact, `same_name` (of an organisation with
    any legal form) and, for another name, `same_address`; in this order.
    """
    wanted = compared(name or "", is_organization=kind == "organization")
    emails = [email] if email else []
    identity = Identity(kind, wanted, shared=(*emails, *phones))
    values = {"kind": kind, "emails": emails, "phones": phones, **_range_of_names(kind, wanted)}
    found = [_told(row, identity) for row in reader.rows(_SIMILAR, values)]
    return sorted(found, key=lambda one: _REASONS.index(one["reason"]))[:limit]


def _range_of_names(kind: str, name: ComparedName) -> Mapping[str, str]:
    start = name.whole if kind == "organization" else name.match_key
    return {"first": start, "behind": f"{start}{_AFTER_NAME[kind]}" if name.whole else ""}


def _told(row: tuple[Any, ...], wanted: Identity) -> dict[str, Any]:
    row_id, kind, name, email, organization, *keys = row
    known = Identity(
        kind, compared(name, is_organization=kind == "organization"), shared=(*keys[0], *keys[1])
    )
    if are_same(wanted, known):
        reason = "same"
    else:
        reason = "same_address" if set(wanted.shared) & set(known.shared) else "same_name"
    return {
        "id": row_id,
        "kind": kind,
        "name": name,
        "subtitle": organization or email,
        "reason": reason,
    }
