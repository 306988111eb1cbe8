"""Contacts: what can be listed, and the rules of their references."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, bindparam, cast, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, array

from crmtenant.errors import FieldError
from crmtenant.models.tenant.contact import Contact
from crmtenant.services.entities.listing import EntityType, has_one_of_the_ids
from crmtenant.services.entities.writing import Actor, EntityWriter, Values, unknown_reference
from crmtenant.text.tokens import MOST_TOKENS, tokens

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FIELDS = (
    "id", "kind", "name", "prefix", "given_name", "middle_name", "family_name", "suffix", "nickname",
    "organization_id", "job_title", "department", "emails", "phones", "addresses", "urls", "birthday", "note",
    "tags", "custom", "owner_id", "source", "created_at", "updated_at", "created_by", "updated_by",
    "version",
)  # fmt: skip


CONTACT = EntityType(
    name="contact",
    model=Contact,
    columns={name: getattr(Contact, name) for name in _FIELDS},
    filters={
        "id": has_one_of_the_ids(Contact),
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


_IS_ORGANIZATION = Contact.kind == "organization"


class ContactRecords(EntityWriter):
    """The writes of contacts."""

    noun = CONTACT
    people = ("owner_id",)

    def completed(self, session: Session, values: Values) -> Values:
        """The values, found by the name of their organisation too."""
        organization_id = values.get("organization_id")
        name = organization_id and session.scalar(select(Contact.name).where(Contact.id == organization_id))
        return {**values, "search": _joined(tokens(name), values["search"])} if name else values

    def field_errors(self, session: Session, values: Values, row: Any) -> Iterator[FieldError]:
        """Where the organisation is not one, is the contact itself, or ceases to be one with people in it."""
        if row is not None and values["organization_id"] == row.id:
            yield FieldError("/organization_id", "refers_to_itself", "A contact is not its own organisation.")
        else:
            yield from unknown_reference(session, Contact, values, "organization_id", row, _IS_ORGANIZATION)
        if row is not None and values["kind"] != row.kind and _has_people(session, row):
            yield FieldError("/kind", "has_people", "People belong to this organisation.")

    def restored(self, session: Session, actor: Actor, row: Any, thrown_away_at: Any) -> None:  # noqa: ARG002
        """Nothing comes back; a person whose organisation became one itself meanwhile belongs to none."""
        if row.organization_id and session.get_one(Contact, row.organization_id).kind != "organization":
            row.organization_id = None

    def settle(self, session: Session, actor: Actor, row: Any, changes: Mapping[str, Any]) -> None:  # noqa: ARG002
        """Nothing comes back; people are found by the new name of their organisation too."""
        if "name" not in changes or row.kind != "organization":
            return
        renamed = func.array_to_tsvector(cast(tokens(row.name), ARRAY(Text)))
        session.execute(
            update(Contact)
            .where(Contact.organization_id == row.id)
            .values(search=type_coerce(Contact.search, TSVECTOR).concat(renamed))
            .execution_options(synchronize_session=False)
        )


def _joined(*lists: list[str]) -> list[str]:
    return list(dict.fromkeys(chain(*lists)))[:MOST_TOKENS]


def _has_people(session: Session, row: Any) -> bool:
    people = select(Contact.id).where(Contact.organization_id == row.id, Contact.deleted_at.is_(None))
    return session.scalar(people.limit(1)) is not None


CONTACTS = ContactRecords()
