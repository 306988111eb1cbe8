"""Entries: notes, calls, meetings and comments that people write on records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BigInteger, Text, bindparam, case, cast, select
from sqlalchemy.dialects.postgresql import TSQUERY, array

from crmtenant.clock import now
from crmtenant.errors import Conflict, FieldError, Forbidden
from crmtenant.models.tenant.contact import Contact
from crmtenant.models.tenant.entry import Entry
from crmtenant.models.tenant.project import Project
from crmtenant.models.tenant.task import Task
from crmtenant.services.crm.entry_import import EntryImportRules
from crmtenant.services.crm.entry_links import SUBJECTS, restamped, with_links, with_subject
from crmtenant.services.crm.entry_sheet import ENTRY_SHEET
from crmtenant.services.crm.last_touch import contacts_of, contacts_of_entries, touch, touch_anew
from crmtenant.services.entities.about import About
from crmtenant.services.entities.change import Actor, Change, Values
from crmtenant.services.entities.entity_type import (
    BelongsTo,
    EntityType,
    SearchFields,
    has_one_of_the_ids,
    name_of,
)
from crmtenant.services.writing.entity_writer import EntityWriter
from crmtenant.services.writing.references import is_live, unknown_reference, unknown_subject

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FIELDS = (
    "id", "kind", "parent_id", "subject_type", "subject_id", "contact_ids", "happened_at", "minutes", "direction",
    "outcome", "body", "is_pinned", "organization_ids", "mentions", "edited_at",
    "created_at", "updated_at", "created_by", "updated_by", "version",
)  # fmt: skip
_FOR_EVERYBODY = frozenset({"is_pinned"})
"""What may be changed by others than the author."""
_STAYS = ("parent_id", "subject_type", "subject_id")


class EntryWriter(EntityWriter):
    """The writes of entries. Contacts know when somebody was last in touch with them."""

    def prepare(self, session: Session, drafts: Sequence[Values]) -> Sequence[Values]:
        """Return the drafts with the contacts and organisations they are about, those without a moment with this one."""
        moment = now()
        return [
            {**draft, "happened_at": draft["happened_at"] or moment} for draft in with_links(session, drafts)
        ]

    def field_errors(self, change: Change) -> Iterator[FieldError]:
        """Yield errors where what it is on, or who is named in it, does not exist, or it would go elsewhere."""
        row = change.row
        if row is not None:
            yield from _moves(change)
        elif change.values["parent_id"] is not None:
            yield from _parent_errors(change)
        else:
            yield from unknown_subject(change, SUBJECTS, "subject_type", "subject_id")
        yield from _unknown_contacts(change)
        new = set(change.values["mentions"]) - set(getattr(row, "mentions", ()))
        if new and not change.actor.are_members(new):
            yield FieldError(
                "/body", "unknown_member", "This names somebody who is not a member of your company."
            )

    def apply(self, session: Session, actor: Actor, row: Any, values: Values, pointer: str = "") -> Any:
        """Set these values and return the entry.

        Raises: `Forbidden` for its words where the actor did not write it.
        """
        if row.parent_id is None:
            values = {**values, "contact_ids": with_subject(values, values["contact_ids"])}
        changed = {name for name, value in values.items() if name != "search" and getattr(row, name) != value}
        if changed - _FOR_EVERYBODY and row.created_by != actor.id:
            raise Forbidden("Only who wrote this may change it; others can reply.", code="not_the_author")
        if "contact_ids" in changed:
            values["organization_ids"] = restamped(session, row, values["contact_ids"])
        before = contacts_of([row]) if changed & {"contact_ids", "happened_at"} else set()
        changed_row = super().apply(session, actor, row, values, pointer)
        if before:
            session.flush()
            touch_anew(session, before | contacts_of([row]))
        return changed_row

    def settle(self, change: Change) -> None:
        """Remember when the words were changed."""
        if "body" in change.changes:
            change.row.edited_at = now()

    def created(self, session: Session, actor: Actor, rows: Sequence[Any]) -> None:  # noqa: ARG002 (the base's)
        """Let the contacts know when somebody was in touch with them."""
        by_moment: dict[Any, list[Any]] = {}
        for row in rows:
            by_moment.setdefault(row.happened_at, []).append(row)
        for moment in sorted(by_moment):
            touch(session, contacts_of(by_moment[moment]), moment)

    def remove(self, session: Session, actor: Actor, rows: Sequence[Any]) -> None:
        """Delete the entries with their replies. Raises: `Forbidden` for what others wrote, unless the actor manages that."""
        _check_may_remove(actor, rows)
        super().remove(session, actor, rows)
        touch_anew(session, contacts_of(rows))

    def restore_together(self, session: Session, actor: Actor, rows: Sequence[Any]) -> dict[int, Conflict]:
        """Take the entries and their replies out of the trash, but for those that cannot be. Raises: as `remove` does."""
        _check_may_remove(actor, rows)
        refusals = super().restore_together(session, actor, rows)
        touch_anew(session, contacts_of(row for row in rows if row.id not in refusals))
        return refusals

    def restored(self, change: Change) -> None:
        """Raise `Conflict` while the record, or the entry it is a reply to, is in the trash."""
        session, row = change.session, change.row
        if not is_live(session, SUBJECTS[row.subject_type], row.subject_id, is_held=True):
            raise Conflict(
                "What it is written on is in the trash; restore that first.", code="parent_in_trash"
            )
        if row.parent_id is not None and not is_live(session, Entry, row.parent_id, is_held=True):
            raise Conflict("What it replies to is in the trash; restore that first.", code="parent_in_trash")

    def went_along(self, session: Session, row_ids: Sequence[int]) -> None:
        """Let contacts forget, or know again, what went along with the record it was written on."""
        touch_anew(session, contacts_of_entries(session, row_ids))

    def outermost_first(self, rows: Sequence[Any]) -> list[Any]:
        """Return the entries, replies after all others."""
        return sorted(rows, key=lambda row: row.parent_id is not None)


def _moves(change: Change) -> Iterator[FieldError]:
    for name in _STAYS:
        if name in change.changes:
            detail = "An entry stays on what it was written on."
            yield FieldError(f"/{name}", "read_only_field", detail)


def _parent_errors(change: Change) -> Iterator[FieldError]:
    session, values = change.session, change.values
    # Held: who deletes the parent meanwhile does not see its new reply yet.
    unknown = [*unknown_reference(change, Entry, "parent_id", is_held=True)]
    yield from unknown
    if unknown:
        return
    parent = session.execute(
        select(Entry.parent_id, Entry.subject_type, Entry.subject_id).where(Entry.id == values["parent_id"])
    ).one()
    if parent.parent_id is not None:
        yield FieldError(
            "/parent_id", "reply_to_a_reply", "This is a reply itself; reply to what it replies to."
        )
    if (parent.subject_type, parent.subject_id) != (values["subject_type"], values["subject_id"]):
        yield FieldError("/subject_id", "contradiction", "A reply is on what its parent is on.")


def _unknown_contacts(change: Change) -> Iterator[FieldError]:
    """Yield errors for contacts that do not exist, but for those that were named before, and the subject."""
    values, known = change.values, set(getattr(change.row, "contact_ids", ()))
    if values["subject_type"] == "contact":
        known.add(values["subject_id"])
    new = [one for one in values["contact_ids"] if one not in known]
    if not new:
        return
    there = set(
        change.session.scalars(select(Contact.id).where(Contact.id.in_(new), Contact.deleted_at.is_(None)))
    )
    if not there.issuperset(new):
        yield FieldError("/contact_ids", "unknown_reference", "There is no such item to refer to.")


def _check_may_remove(actor: Actor, rows: Sequence[Any]) -> None:
    if not actor.may_manage_shared and any(row.created_by != actor.id for row in rows):
        detail = "Somebody else wrote this; only they, an admin or an owner may delete or restore it."
        raise Forbidden(detail, code="not_the_author")


_subject_name = case(
    (Entry.subject_type == "contact", name_of(Contact, Entry.subject_id)),
    (Entry.subject_type == "project", name_of(Project, Entry.subject_id)),
    else_=select(Task.title).where(Task.id == Entry.subject_id, Task.deleted_at.is_(None)).scalar_subquery(),
)


def _has_id(column: Any, name: str) -> Any:
    return column.contains(cast(array([bindparam(name, type_=BigInteger)]), ARRAY(BigInteger)))


ENTRY = EntityType(
    name="entry",
    collection="entries",
    model=Entry,
    title=Entry.title,
    writer=EntryWriter(),
    columns={name: getattr(Entry, name) for name in _FIELDS},
    filters={
        "id": has_one_of_the_ids(Entry),
        "kind": Entry.kind == bindparam("kind"),
        "subject_type": Entry.subject_type == bindparam("subject_type"),
        "subject_id": Entry.subject_id == bindparam("subject_id"),
        "parent_id": Entry.parent_id == bindparam("parent_id"),
        "contact_id": _has_id(Entry.contact_ids, "contact_id"),
        "organization_id": _has_id(Entry.organization_ids, "organization_id"),
        "created_by": Entry.created_by == bindparam("created_by"),
        "mentions": Entry.mentions.contains(array([bindparam("mentions", type_=Text)])),
        "is_pinned": Entry.is_pinned == bindparam("is_pinned"),
        "happened_after": Entry.happened_at > bindparam("happened_after"),
        "happened_before": Entry.happened_at < bindparam("happened_before"),
        "created_after": Entry.created_at > bindparam("created_after"),
        "updated_after": Entry.updated_at > bindparam("updated_after"),
        "q": Entry.search.bool_op("@@")(cast(bindparam("q", type_=Text), TSQUERY)),
    },
    sorts={
        "happened_at": Entry.happened_at,
        "created_at": Entry.created_at,
        "updated_at": Entry.updated_at,
    },
    belongs_to=(
        *(BelongsTo(noun, "subject_id", "subject_type") for noun in SUBJECTS),
        BelongsTo("entry", "parent_id"),
    ),
    about=About(
        contacts=("contact_ids", "organization_ids"),
        subject=("subject_type", "subject_id"),
        derived=frozenset({"organization_ids", "mentions", "edited_at"}),
    ),
    search=SearchFields(key=Entry.title_key, subtitle=_subject_name, kind=Entry.kind),
    is_in_activity=True,
    has_saved_views=True,
    sheet=ENTRY_SHEET,
    since="0011",
    import_rules=EntryImportRules,
    lists_of_ids={"contact_ids": "contact", "organization_ids": "contact"},
    mentions=("body", "mentions"),
)
