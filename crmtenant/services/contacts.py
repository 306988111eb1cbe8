"""Contacts: what can be listed, and the rules of their references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, bindparam, cast
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, array

from crmtenant.errors import Fault, Invalid
from crmtenant.models.contact import Contact
from crmtenant.services.listing import Noun
from crmtenant.services.records import Records, Values, require_reference

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from crmtenant.models.base import Item

_FIELDS = (
    "id", "kind", "name", "prefix", "given_name", "middle_name", "family_name", "suffix", "nickname",
    "organization_id", "job_title", "department", "emails", "phones", "addresses", "urls", "birthday", "note",
    "tags", "custom", "owner_id", "source", "created_at", "updated_at", "created_by", "version",
)  # fmt: skip


CONTACT = Noun(
    name="contact",
    model=Contact,
    columns={name: getattr(Contact, name) for name in _FIELDS},
    filters={
        "kind": Contact.kind == bindparam("kind"),
        "tag": Contact.tags.contains(array([bindparam("tag", type_=Text)])),
        "organization_id": Contact.organization_id == bindparam("organization_id"),
        "owner_id": Contact.owner_id == bindparam("owner_id"),
        "email": Contact.email_keys.contains(array([bindparam("email", type_=Text)])),
        "phone": Contact.phone_keys.overlap(bindparam("phone", type_=ARRAY(Text))),
        "country": Contact.countries.contains(array([bindparam("country", type_=Text)])),
        "created_after": Contact.created_at > bindparam("created_after"),
        "updated_after": Contact.updated_at > bindparam("updated_after"),
        "q": Contact.search.bool_op("@@")(cast(bindparam("q", type_=Text), TSQUERY)),
    },
    sorts={
        "name": Contact.name_key,
        "created_at": Contact.created_at,
        "updated_at": Contact.updated_at,
    },
)


class ContactRecords(Records):
    """The writes of contacts."""

    noun = CONTACT
    people = ("owner_id",)

    def check(self, session: Session, values: Values, row: Item | None) -> None:
        """Nothing comes back; `Invalid` when the organisation is not one, or is the contact itself."""
        organization_id = values.get("organization_id")
        if row is not None and organization_id == row.id:
            raise Invalid(
                Fault("/organization_id", "refers_to_itself", "A contact is not its own organisation.")
            )
        require_reference(
            session, Contact, organization_id, "/organization_id", Contact.kind == "organization"
        )


CONTACTS = ContactRecords()
