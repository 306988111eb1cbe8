"""The rows of an export, checked like anything a client sends: what was written, and what only the server sets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crmtenant.errors import FieldError, Invalid
from crmtenant.schemas.base import load
from crmtenant.schemas.shapes import Shapes
from crmtenant.schemas.stored import LARGEST_COUNT

if TYPE_CHECKING:
    from crmtenant.services.entities.entity_type import EntityType


def read_row(
    entity: EntityType,
    shapes: Shapes,
    row: Mapping[str, Any],
    *,
    is_older: bool,
    region: str | None,
    related: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the column values of the row; what is derived from others is made anew.

    `is_older`: it is of an earlier release, which did not have all of today's columns. `related` is what the draft
    needs to know of other rows.

    Raises: `Invalid` with every error.
    """
    columns = frozenset(entity.table.columns.keys())
    unknown = sorted(row.keys() - columns)
    missing = [] if is_older else sorted(columns - row.keys())
    if unknown or missing:
        raise Invalid(
            *(
                FieldError(f"/{ascii(name)[1:-1]}", "unknown_field", "There is no such field.")
                for name in unknown
            ),
            *(FieldError(f"/{name}", "required", "This is required.") for name in missing),
        )
    set_by_server = {name: row[name] for name in shapes.stored.model_fields if name in row}
    if is_older:
        set_by_server.setdefault("updated_by", set_by_server.get("created_by"))
    written = {name: row[name] for name in shapes.draft.model_fields if name in row}
    stored = load(shapes.stored, set_by_server)
    draft = load(shapes.draft, written, context={"region": region})
    values: dict[str, Any] = draft.columns(**related)
    return values | stored.columns()


def read_id(row: Mapping[str, Any]) -> int:
    """Return the id of the row; `Invalid` when it has none."""
    number = row.get("id")
    if type(number) is not int or not 1 <= number <= LARGEST_COUNT:
        raise Invalid(
            FieldError("/id", "invalid_type", f"This must be a whole number from 1 to {LARGEST_COUNT}.")
        )
    return number
