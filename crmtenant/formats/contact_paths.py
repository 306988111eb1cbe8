"""Paths of fields in a contact's JSON: `emails/0/value`, `organization`, `custom/Customer number`.

An explicit `mapping` uses them, and our own CSV export has them as column names, so that an export is read
back in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

SCALARS = (
    *("kind", "name", "prefix", "given_name", "middle_name", "family_name", "suffix", "nickname"),
    *("job_title", "department", "birthday", "note", "source", "owner_id"),
)
ORGANIZATION = "organization"
TAGS = "tags"
CUSTOM = "custom"
MORE = "more"
ADDRESS_PARTS = ("street", "city", "region", "postal_code", "country")
ENTRY_PARTS = {
    "emails": ("label", "value", "is_primary"),
    "phones": ("label", "value", "is_primary"),
    "urls": ("label", "value", "is_primary"),
    "addresses": ("label", *ADDRESS_PARTS, "is_primary"),
}
MOST_CUSTOM_NAME = 64

_ENTRY = re.compile(r"(emails|phones|urls|addresses)/([0-9]{1,2})/([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Target:
    """The field that one cell fills. `slot` tells the entries of a list apart; columns that share it fill one entry.

    `label` is the label of an entry unless the file gives one. For `custom`, `part` is the name.
    """

    field: str
    slot: str = ""
    part: str = ""
    label: str | None = None


OFFERED_ENTRIES = 3
"""How many e-mail addresses, numbers, postal addresses and links a column can be mapped to in the page."""
_PARTS_OF_STREET = {"po_box": "street", "house_number": "street", "formatted": "street"}


def offered_paths() -> list[str]:
    """Return the field paths to choose from for a column, besides `custom/` and a name."""
    entries = [
        f"{field}/{index}/{part}"
        for field, parts in ENTRY_PARTS.items()
        for index in range(OFFERED_ENTRIES)
        for part in parts
    ]
    return [*SCALARS, ORGANIZATION, TAGS, *entries]


def paths_of(targets: Sequence[Target]) -> list[str | None]:
    """Return the field path of each target, None for an ignored column. Entries are numbered in order."""
    slots: dict[str, dict[str, int]] = {}
    return [_path_of(target, slots.setdefault(target.field, {})) for target in targets]


def _path_of(target: Target, slots: dict[str, int]) -> str | None:
    if target.field not in ENTRY_PARTS:
        return "/".join(filter(None, (target.field, target.part))) or None
    number = slots.setdefault(target.slot, len(slots))
    part = _PARTS_OF_STREET.get(target.part, target.part)
    return f"{target.field}/{number}/{part}"


def target_of(path: str) -> Target | None:
    """Return the target of a field path, or None if there is no such field."""
    if path in SCALARS or path in {ORGANIZATION, TAGS, CUSTOM, MORE}:
        return Target(path)
    if path.startswith("custom/") and 0 < len(path) - len("custom/") <= MOST_CUSTOM_NAME:
        return Target(CUSTOM, part=path.removeprefix("custom/"))
    found = _ENTRY.fullmatch(path)
    if found and found[3] in ENTRY_PARTS[found[1]]:
        return Target(found[1], slot=str(int(found[2])), part=found[3])
    return None
