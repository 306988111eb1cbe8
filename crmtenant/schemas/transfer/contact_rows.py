"""Validate the contacts of a file, each as a POST would be, into rows for the import service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from crmtenant.errors import FieldError, Invalid
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft
from crmtenant.services.crm.identity import source_keys
from crmtenant.services.transfer.contact_import import RefusedRow, ValidRow

ORGANIZATIONS_KEPT = 512
_ENTRY = re.compile("/(emails|phones|urls)/([0-9]+)/value$")


def checked(contacts: Iterable[ParsedContact], *, region: str | None) -> Iterator[ValidRow | RefusedRow]:
    """Yield a row for each contact, valid or refused; lazily, in order.

    `region` is the country of telephone numbers that name none.
    """
    for parsed in contacts:
        yield _checked(parsed, region)


def merged(values: Mapping[str, Any], organization: str | None, region: str | None) -> dict[str, Any]:
    """Return the columns of a contact after an import added to it.

    Raises:
        Invalid: that is more than a contact may have.
    """
    contact = {name: values[name] for name in WRITABLE if values.get(name) is not None}
    if contact.get("birthday"):
        contact["birthday"] = contact["birthday"].isoformat()
    return load(ContactDraft, contact, context={"region": region}).columns(organization=organization)


def _checked(parsed: ParsedContact, region: str | None) -> ValidRow | RefusedRow:
    if parsed.field_errors:
        return RefusedRow(parsed.row, tuple(parsed.field_errors))
    try:
        organization = _organization(parsed.organization) if parsed.organization else None
        draft, set_aside = _draft(parsed.contact, region)
    except Invalid as refusal:
        return RefusedRow(parsed.row, refusal.field_errors)
    keys = source_keys(parsed.uids, draft.custom)
    values = {**draft.columns(organization=parsed.organization), "source_keys": keys}
    return ValidRow(parsed.row, values, organization, set_aside)


def _draft(contact: dict[str, Any], region: str | None) -> tuple[ContactDraft, tuple[FieldError, ...]]:
    """Return the draft, and the errors of entries that were set aside; `Invalid` when that does not help."""
    try:
        return load(ContactDraft, contact, context={"region": region}), ()
    except Invalid as refusal:
        repaired = without_invalid_entries(contact, refusal.field_errors)
        if repaired is None:
            raise
        return load(ContactDraft, repaired, context={"region": region}), refusal.field_errors


def without_invalid_entries(
    contact: dict[str, Any], field_errors: Iterable[FieldError]
) -> dict[str, Any] | None:
    """Return the contact with its invalid e-mail addresses, numbers and links moved to `custom`, word for word.

    None if something else is wrong too, an entry has no text to move, or a list would be left empty: a customer
    with one good address is worth having, one whose only address has a typing error is better fixed in the file.
    """
    places = [_ENTRY.match(field_error.pointer) for field_error in field_errors]
    if not all(places):
        return None
    invalid = {(place[1], int(place[2])) for place in places if place}
    if not all(isinstance(contact[name][index].get("value"), str) for name, index in invalid):
        return None
    repaired = {**contact, "custom": dict(contact.get("custom") or {})}
    for name in {name for name, _ in invalid}:
        repaired[name] = [entry for index, entry in enumerate(contact[name]) if (name, index) not in invalid]
        if not repaired[name]:
            return None
    for name, index in sorted(invalid):
        repaired["custom"][f"{name} {index + 1}"] = contact[name][index]["value"]
    return repaired


@lru_cache(maxsize=ORGANIZATIONS_KEPT)
def _organization(name: str) -> dict[str, Any]:
    """Return the columns of an organisation that has only a name. Many rows name the same one."""
    try:
        columns = load(ContactDraft, {"kind": "organization", "name": name}).columns()
        return {**columns, "source_keys": []}
    except Invalid as refusal:
        field_errors = (
            FieldError("/organization", field_error.code, field_error.detail)
            for field_error in refusal.field_errors
        )
        raise Invalid(*field_errors) from None
