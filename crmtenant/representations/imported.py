"""From the cards of a file to rows the import service can take: each checked as a POST would be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from crmtenant.errors import Fault, Invalid
from crmtenant.representations.base import load
from crmtenant.representations.card import Card
from crmtenant.representations.contact import WRITABLE, ContactDraft
from crmtenant.services.imports import Incoming, Refused

ORGANIZATIONS_KEPT = 512


def checked(cards: Iterable[Card], *, region: str | None) -> Iterator[Incoming | Refused]:
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


def _checked(card: Card, region: str | None) -> Incoming | Refused:
    if card.faults:
        return Refused(card.row, tuple(card.faults))
    try:
        organization = _organization(card.organization) if card.organization else None
        draft = load(ContactDraft, card.contact, context={"region": region})
    except Invalid as refusal:
        return Refused(card.row, refusal.faults)
    return Incoming(card.row, draft.columns(organization=card.organization), organization)


@lru_cache(maxsize=ORGANIZATIONS_KEPT)
def _organization(name: str) -> dict[str, Any]:
    """The columns of an organisation of which only the name is known. Many rows name the same one."""
    try:
        return load(ContactDraft, {"kind": "organization", "name": name}).columns()
    except Invalid as refusal:
        faults = (Fault("/organization", fault.code, fault.detail) for fault in refusal.faults)
        raise Invalid(*faults) from None
