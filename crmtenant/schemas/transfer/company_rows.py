"""The rows of an export, checked like anything a client sends: what they say, and what only the server sets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from crmtenant.errors import FieldError, Invalid
from crmtenant.schemas.base import Draft, load
from crmtenant.schemas.crm.board_column import ColumnDraft
from crmtenant.schemas.crm.contact import ContactDraft
from crmtenant.schemas.crm.project import ProjectDraft
from crmtenant.schemas.crm.saved_view import SavedViewDraft
from crmtenant.schemas.crm.task import TaskDraft
from crmtenant.schemas.fields import Instant, Position, UserId
from crmtenant.services.transfer.company_tables import TABLES

LARGEST = 2**53 - 1
"""Of ids and versions: what JavaScript counts exactly, and far from where a sequence ends."""
Count = Annotated[int, Field(ge=1, le=LARGEST)]


class KeptDraft(Draft):
    """What only the server sets, and an import brings along."""

    id: Count
    created_at: Instant
    updated_at: Instant
    created_by: UserId
    updated_by: UserId
    version: Count
    deleted_at: Instant | None = None
    deleted_by: UserId | None = None


class KeptPlaceDraft(KeptDraft):
    """The same of what has a place among others."""

    position: Position


class KeptTaskDraft(KeptPlaceDraft):
    """The same of a task."""

    completed_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class _Kind:
    draft: type[Draft]
    kept: type[KeptDraft]


_KINDS = {
    "contact": _Kind(ContactDraft, KeptDraft),
    "project": _Kind(ProjectDraft, KeptDraft),
    "board_column": _Kind(ColumnDraft, KeptPlaceDraft),
    "task": _Kind(TaskDraft, KeptTaskDraft),
    "saved_view": _Kind(SavedViewDraft, KeptDraft),
}
_COLUMNS = {table.name: frozenset(table.columns.keys()) for table in TABLES}


def read_row(
    table: str, row: Mapping[str, Any], *, is_older: bool, region: str | None, organization: str | None
) -> dict[str, Any]:
    """The column values of the row; what is derived from others is made anew. `Invalid` carries every fault.

    `is_older`: it is of an earlier release, which did not have all of today's columns.
    """
    kind = _KINDS[table]
    unknown = sorted(row.keys() - _COLUMNS[table])
    missing = [] if is_older else sorted(_COLUMNS[table] - row.keys())
    if unknown or missing:
        raise Invalid(
            *(
                FieldError(f"/{ascii(name)[1:-1]}", "unknown_field", "There is no such field.")
                for name in unknown
            ),
            *(FieldError(f"/{name}", "required", "This is required.") for name in missing),
        )
    own = {name: row[name] for name in kind.kept.model_fields if name in row}
    if is_older:
        own.setdefault("updated_by", own.get("created_by"))
    said = {name: row[name] for name in kind.draft.model_fields if name in row}
    kept = load(kind.kept, own)
    draft = load(kind.draft, said, context={"region": region})
    values = draft.columns(organization=organization) if isinstance(draft, ContactDraft) else draft.columns()
    return values | kept.columns()


def read_id(row: Mapping[str, Any]) -> int:
    """The id of the row."""
    number = row.get("id")
    if type(number) is not int or not 1 <= number <= LARGEST:
        raise Invalid(FieldError("/id", "invalid_type", f"This must be a whole number from 1 to {LARGEST}."))
    return number
