"""The places of entries."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.services.crm.entries import ENTRY


class EntryResource(Item):
    """One entry."""

    entity = ENTRY


class EntryCollection(Collection):
    """All entries: notes, calls, meetings and comments."""

    item = EntryResource


class ContactEntries(Nested):
    """The entries on a contact."""

    item = EntryResource
    owner_name = "contact"
    belongs_by, belongs_by_type = "subject_id", "subject_type"


class ProjectEntries(Nested):
    """The entries on a project."""

    item = EntryResource
    owner_name = "project"
    belongs_by, belongs_by_type = "subject_id", "subject_type"


class TaskEntries(Nested):
    """The entries on a task."""

    item = EntryResource
    owner_name = "task"
    belongs_by, belongs_by_type = "subject_id", "subject_type"


class EntryReplies(Nested):
    """The replies to an entry."""

    item = EntryResource
    owner_name = "entry"
    belongs_by = "parent_id"
    default_sort = "happened_at"
