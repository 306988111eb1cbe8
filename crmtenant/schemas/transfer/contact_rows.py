"""From the cards of a file to rows the import service can take: each checked as a POST would be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from crmtenant.errors import FieldError, Invalid
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft
from crmtenant.services.transfer.contact_import import Incoming, Refused

ORGANIZATIONS_KEPT = 512
_ENTRY = re.compile("/(emails|phones|urls)/([0-9]+)/value$")


def checked(cards: Iterable[ParsedContact], *, region: str | None) -> Iterator[Incoming | Refused]:
    """A row for each card that makes a contact, the faults of each that does not; lazily, in order.

    `region` is the country telephone numbers belong to that name none.
    """
    for card in cards:
        yield _checked(card, region)


def merged(values: Mapping[str, Any], organization: str | None, region: str | None) -> dict[str, Any]:
    """The columns of a contact after an import added to it; `Invalid` if that is more than a contact holds."""
    contact = {name: values[name] for name in WRITABLE if values.get(name) is not None}
    if contact.get("birthday"):
        contact["birthday"] = contact["birthday"].isoformat()
    return load(ContactDraft, contact, context={"region": region}).columns(organization=organization)


def _checked(card: ParsedContact, region: str | None) -> Incoming | Refused:
    if card.field_errors:
        return Refused(card.row, tuple(card.field_errors))
    try:
        organization = _organization(card.organization) if card.organization else None
        draft, set_aside = _draft(card.contact, region)
    except Invalid as refusal:
        return Refused(card.row, refusal.field_errors)
    return Incoming(card.row, draft.columns(organization=card.organization), organization, set_aside)


def _draft(contact: dict[str, Any], region: str | None) -> tuple[ContactDraft, tuple[FieldError, ...]]:
    """The draft of a card, and the faults of entries that were set aside; `Invalid` when that does not help."""
    try:
        return load(ContactDraft, contact, context={"region": region}), ()
    except Invalid as refusal:
        mended = without_faulty_entries(contact, refusal.field_errors)
        if mended is None:
            raise
        return load(ContactDraft, mended, context={"region": region}), refusal.field_errors


def without_faulty_entries(
    contact: dict[str, Any], field_errors: Iterable[FieldError]
) -> dict[str, Any] | None:
    """The contact with its faulty e-mail addresses, numbers and links moved to `custom`, word for word.

    None unless that is all that is wrong, there are words to move, and each such list keeps an entry: a customer with one good address
    is worth having, one whose only address is a typing error is better mended in the file.
    """
    places = [_ENTRY.match(field_error.pointer) for field_error in field_errors]
    if not all(places):
        return None
    faulty = {(place[1], int(place[2])) for place in places if place}
    if not all(isinstance(contact[name][index].get("value"), str) for name, index in faulty):
        return None
    mended = {**contact, "custom": dict(contact.get("custom") or {})}
    for name in {name for name, _ in faulty}:
        mended[name] = [entry for index, entry in enumerate(contact[name]) if (name, index) not in faulty]
        if not mended[name]:
            return None
    for name, index in sorted(faulty):
        mended["custom"][f"{name} {index + 1}"] = contact[name][index]["value"]
    return mended


@lru_cache(maxsize=ORGANIZATIONS_KEPT)
def _organization(name: str) -> dict[str, Any]:
    """The columns of an organisation of which only the name is known. Many rows name the same one."""
    try:
        return load(ContactDraft, {"kind": "organization", "name": name}).columns()
    except Invalid as refusal:
        field_errors = (
            FieldError("/organization", field_error.code, field_error.detail)
            for field_error in refusal.field_errors
        )
        raise Invalid(*field_errors) from None
