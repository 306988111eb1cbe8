"""Contacts: what can be listed, and the rules of their references."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlalchemy import Integer, Text, bindparam, cast, func, select, type_coerce, update
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY, TSVECTOR, array
from sqlalchemy.orm.util import identity_key

from crmtenant.errors import FieldError
from crmtenant.models.tenant.contact import NEVER, Contact
from crmtenant.services.crm.import_rules import ContactImportRules
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Change, Values
from crmtenant.services.entities.entity_type import EntityType, SearchFields, has_one_of_the_ids, name_of
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.references import unknown_reference
from crmtenant.text.search_tokens import search_tokens
from crmtenant.text.tokens import MOST_TOKENS

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FIELDS = (
    "id", "kind", "name", "prefix", "given_name", "middle_name", "family_name", "suffix", "nickname",
    "organization_id", "job_title", "department", "emails", "phones", "addresses", "urls", "birthday", "note",
    "tags", "custom", "owner_id", "source", "last_touch_at", "created_at", "updated_at", "created_by", "updated_by",
    "version",
)  # fmt: skip

_IS_ORGANIZATION = Contact.kind == "organization"


class ContactWriter(EntityWriter):
    """The writes of contacts."""

    def completed(self, change: Change) -> Values:
        """Return the values with the words of the organisation's name among those the contact is found by."""
        values, organization_id = change.values, change.values.get("organization_id")
        if not organization_id:
            return values
        known = change.session.identity_map.get(identity_key(Contact, organization_id))
        name = (
            known.name
            if known is not None
            else change.session.scalar(select(Contact.name).where(Contact.id == organization_id))
        )
        return {**values, "search": _joined(search_tokens(name), values["search"])} if name else values

    def field_errors(self, change: Change) -> Iterator[FieldError]:
        """Yield errors where the organisation is none or the contact itself, or ceases to be one with people in it."""
        values, row = change.values, change.row
        if row is not None and values["organization_id"] == row.id:
            yield FieldError("/organization_id", "refers_to_itself", "A contact is not its own organisation.")
        else:
            yield from unknown_reference(change, Contact, "organization_id", _IS_ORGANIZATION, held_by=row)
        if row is not None and values["kind"] != row.kind and _has_people(change.session, row):
            yield FieldError("/kind", "has_people", "People belong to this organisation.")

    def restored(self, change: Change) -> None:
        """Let a person whose organisation became a person meanwhile belong to none."""
        row = change.row
        if (
            row.organization_id
            and change.session.get_one(Contact, row.organization_id).kind != "organization"
        ):
            row.organization_id = None

    def settle(self, change: Change) -> None:
        """Let people be found by the new name of their organisation too."""
        row = change.row
        if "name" not in change.changes or row.kind != "organization":
            return
        renamed = func.array_to_tsvector(cast(search_tokens(row.name), ARRAY(Text)))
        change.session.execute(
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


CONTACT = EntityType(
    name="contact",
    collection="contacts",
    model=Contact,
    title=Contact.name,
    writer=ContactWriter(),
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
        "untouched_for_days": func.coalesce(Contact.last_touch_at, Contact.created_at)
        < func.now() - func.make_interval(0, 0, 0, bindparam("untouched_for_days", type_=Integer)),
    },
    sorts={
        "name": Contact.name_key,
        "created_at": Contact.created_at,
        "updated_at": Contact.updated_at,
        "last_touch_at": func.coalesce(Contact.last_touch_at, NEVER),
    },
    user_columns=("owner_id",),
    tags=Contact.tags,
    search=SearchFields(
        key=Contact.name_key,
        subtitle=func.coalesce(
            name_of(Contact, Contact.organization_id),
            Contact.emails[0]["value"].astext,
        ),
        kind=Contact.kind,
    ),
    is_in_activity=True,
    is_watched=True,
    about=About(contacts=("id", "organization_id"), derived=frozenset({"last_touch_at"})),
    has_saved_views=True,
    import_rules=ContactImportRules,
)
