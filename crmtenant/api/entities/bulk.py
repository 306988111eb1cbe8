"""Bodies that hold many rows: read as a whole, every fault told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from crmtenant.errors import Fault, Invalid
from crmtenant.schemas.errors import MOST_FAULTS, pointer_to
from crmtenant.schemas.fields.numbers import LARGEST_ROW_ID

MAX_BULK_ROWS = 1000
LISTS = ("create", "update", "delete", "restore")


def all_or_faults(loader: Callable[[int, Any], Any], data: Sequence[Any]) -> list[Any]:
    """Each entry loaded; the faults of all of them together."""
    loaded: list[Any] = []
    faults: list[Fault] = []
    for index, entry in enumerate(data):
        try:
            loaded.append(loader(index, entry))
        except Invalid as refusal:
            faults.extend(refusal.faults)
    if faults:
        raise Invalid(*faults[:MOST_FAULTS])
    return loaded


def checked_bulk(body: Any) -> dict[str, list[Any]]:
    """The lists of a bulk request, each there, their entries of the right kind."""
    if not isinstance(body, dict):
        raise Invalid(Fault("", "not_an_object", "This must be a JSON object."))
    unknown = body.keys() - set(LISTS)
    faults = [
        Fault(pointer_to([name]), "unknown_field", "There is no such field.") for name in sorted(unknown)
    ]
    lists = {}
    for name in LISTS:
        entries = body.get(name, [])
        if not isinstance(entries, list):
            faults.append(Fault(f"/{name}", "invalid_type", "This must be an array."))
            entries = []
        lists[name] = entries
    if sum(map(len, lists.values())) > MAX_BULK_ROWS:
        faults.append(Fault("", "too_many", f"At most {MAX_BULK_ROWS} rows at once."))
    for index, patch in enumerate(lists["update"]):
        if not isinstance(patch, dict) or not _is_id(patch.get("id")):
            faults.append(Fault(f"/update/{index}/id", "required", "Each change names its item by id."))
    for name in ("delete", "restore"):
        faults += [
            Fault(f"/{name}/{index}", "invalid_type", "This must be an id.")
            for index, row_id in enumerate(lists[name])
            if not _is_id(row_id)
        ]
    faults += _repeated(lists)
    if faults:
        raise Invalid(*faults[:MOST_FAULTS])
    return lists


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ROW_ID


def _repeated(lists: Mapping[str, Sequence[Any]]) -> list[Fault]:
    ids = [(f"/update/{i}/id", p.get("id")) for i, p in enumerate(lists["update"]) if isinstance(p, dict)]
    ids += [
        (f"/{name}/{i}", row_id) for name in ("delete", "restore") for i, row_id in enumerate(lists[name])
    ]
    seen: set[Any] = set()
    faults = []
    for pointer, row_id in ids:
        if _is_id(row_id) and row_id in seen:
            faults.append(Fault(pointer, "repeated", "This item is named twice."))
        if _is_id(row_id):
            seen.add(row_id)
    return faults
