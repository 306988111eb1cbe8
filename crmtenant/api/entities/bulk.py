"""Bodies with many rows: all of their errors are reported at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmtenant.errors import FieldError, Invalid
from crmtenant.schemas.errors import MAX_FIELD_ERRORS, pointer_to
from crmtenant.schemas.fields.numbers import LARGEST_ROW_ID

MAX_BULK_ROWS = 1000
LISTS = ("create", "update", "delete", "restore")


def all_or_errors(loader: Callable[[int, Any], Any], data: Sequence[Any]) -> list[Any]:
    """Load each entry.

    Raises: `Invalid` with the errors of all of them.
    """
    loaded: list[Any] = []
    field_errors: list[FieldError] = []
    for index, entry in enumerate(data):
        try:
            loaded.append(loader(index, entry))
        except Invalid as refusal:
            field_errors.extend(refusal.field_errors)
    if field_errors:
        raise Invalid(*field_errors[:MAX_FIELD_ERRORS])
    return loaded


def checked_bulk(body: Any) -> dict[str, list[Any]]:
    """Return the lists of a bulk request, all of them, with entries of the right type."""
    if not isinstance(body, dict):
        raise Invalid(FieldError("", "not_an_object", "This must be a JSON object."))
    unknown = body.keys() - set(LISTS)
    field_errors = [
        FieldError(pointer_to([name]), "unknown_field", "There is no such field.") for name in sorted(unknown)
    ]
    lists = {}
    for name in LISTS:
        entries = body.get(name, [])
        if not isinstance(entries, list):
            field_errors.append(FieldError(f"/{name}", "invalid_type", "This must be an array."))
            entries = []
        lists[name] = entries
    if sum(map(len, lists.values())) > MAX_BULK_ROWS:
        field_errors.append(FieldError("", "too_many", f"At most {MAX_BULK_ROWS} rows at once."))
    for index, patch in enumerate(lists["update"]):
        if not isinstance(patch, dict) or not _is_id(patch.get("id")):
            field_errors.append(
                FieldError(f"/update/{index}/id", "required", "Each change names its item by id.")
            )
    for name in ("delete", "restore"):
        field_errors += [
            FieldError(f"/{name}/{index}", "invalid_type", "This must be an id.")
            for index, row_id in enumerate(lists[name])
            if not _is_id(row_id)
        ]
    field_errors += _repeated(lists)
    if field_errors:
        raise Invalid(*field_errors[:MAX_FIELD_ERRORS])
    return lists


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ROW_ID


def _repeated(lists: Mapping[str, Sequence[Any]]) -> list[FieldError]:
    ids = [(f"/update/{i}/id", p.get("id")) for i, p in enumerate(lists["update"]) if isinstance(p, dict)]
    ids += [
        (f"/{name}/{i}", row_id) for name in ("delete", "restore") for i, row_id in enumerate(lists[name])
    ]
    seen: set[Any] = set()
    field_errors = []
    for pointer, row_id in ids:
        if _is_id(row_id) and row_id in seen:
            field_errors.append(FieldError(pointer, "repeated", "This item is named twice."))
        if _is_id(row_id):
            seen.add(row_id)
    return field_errors
