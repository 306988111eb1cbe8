"""Validate the contacts of a file, each as a POST would be, into rows for the import service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

from crmtenant.errors import FieldError, Invalid
from crmtenant.formats.parsed_contact import ParsedContact
from crmtenant.schemas.base import load
from crmtenant.schemas.crm.contact import WRITABLE, ContactDraft
from crmtenant.schemas.crm.contact_keys import search_of
from crmtenant.schemas.transfer.contact_joining import joined, keeps_limits
from crmtenant.schemas.transfer.contact_plain import plain_columns
from crmtenant.schemas.transfer.contact_repair import Repair
from crmtenant.schemas.transfer.lost_plus import with_country_codes
from crmtenant.services.duplicates.identity import source_keys
from crmtenant.services.transfer.contact_import_rows import RefusedRow, ValidRow

ORGANIZATIONS_KEPT = 4096
_MOST_ROUNDS = 4
"""What is mended is looked at again, since it may be faulty in another way."""


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
    if keeps_limits(values):
        return joined(values, organization, region)
    contact = {name: values[name] for name in WRITABLE if values.get(name) is not None}
    if contact.get("birthday"):
        contact["birthday"] = contact["birthday"].isoformat()
    return load(ContactDraft, contact, context={"region": region}).columns(organization=organization)


def _checked(parsed: ParsedContact, region: str | None) -> ValidRow | RefusedRow:
    if parsed.field_errors:
        return RefusedRow(parsed.row, tuple(parsed.field_errors))
    repair = Repair(parsed, region)
    organization, columns = _organization_of(parsed, repair)
    if not parsed.is_exact:
        repair.contact = with_country_codes(repair.contact, region)
    plain = plain_columns(repair.contact, region)
    if plain is not None:
        values = {**plain, "search": partial(search_of, plain, organization)}
        return _valid(parsed, values, columns, repair)
    for _ in range(_MOST_ROUNDS):
        try:
            draft = load(ContactDraft, repair.contact, context={"region": region})
        except Invalid as refusal:
            errors = refusal.field_errors
            if not repair.mend(errors):
                break
        else:
            return _valid(parsed, draft.columns(organization=organization), columns, repair)
    return RefusedRow(parsed.row, tuple(map(Repair(parsed, region).told, errors)))


def _valid(
    parsed: ParsedContact, values: dict[str, Any], organization: dict[str, Any] | None, repair: Repair
) -> ValidRow:
    keys = source_keys(parsed.uids, values["custom"])
    return ValidRow(parsed.row, {**values, "source_keys": keys}, organization, tuple(repair.oddities))


def _organization_of(parsed: ParsedContact, repair: Repair) -> tuple[str | None, dict[str, Any] | None]:
    """Return the name and the columns of the contact's organisation; a name that cannot be one is kept aside."""
    if not parsed.organization:
        return None, None
    try:
        return parsed.organization, _organization(parsed.organization)
    except Invalid as refusal:
        repair.set_aside(refusal.field_errors[0], parsed.organization)
        return None, None


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
