"""Entries: what people write on records."""

from __future__ import annotations

from crmtenant.api.entities.registration import Registration
from crmtenant.resources.entry import (
    ContactEntries,
    EntryCollection,
    EntryReplies,
    ProjectEntries,
    TaskEntries,
)
from crmtenant.schemas.crm.entry import ENTRY_SHAPES

ENTRIES = Registration(
    collection=EntryCollection,
    shapes=ENTRY_SHAPES,
    access="entry",
    nested=(ContactEntries, ProjectEntries, TaskEntries, EntryReplies),
)
