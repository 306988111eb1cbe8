"""Where in a contact's JSON a cell goes: `emails/0/value`, `organization`, `custom/Customer number`.

The vocabulary of an explicit `mapping`, and the column names of our own CSV export, so that what we export
reads back by the same road.
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
    """A place for one cell. `slot` tells the entries of a list apart; columns that share it fill one entry.

    `label` is what an entry is called unless the file says otherwise. For `custom`, `part` is the name.
    """

    field: str
    slot: str = ""
    part: str = ""
    label: str | None = None


OFFERED_ENTRIES = 3
"""So many e-mail addresses, numbers, places and links are offered to whoever maps columns."""
_TOGETHER_IN_A_STREET = {"po_box": "street", "house_number": "street", "formatted": "street"}


def offered_paths() -> list[str]:
    """The field paths to choose from for a column, besides `custom/` and a name."""
    entries = [
        f"{field}/{index}/{part}"
        for field, parts in ENTRY_PARTS.items()
        for index in range(OFFERED_ENTRIES)
        for part in parts
    ]
    return [*SCALARS, ORGANIZATION, TAGS, *entries]


def paths_of(targets: Sequence[Target]) -> list[str | None]:
    """The field path of each column's place, None where it is passed over; entries are counted as they come."""
    slots: dict[str, list[str]] = {}
    return [_path_of(target, slots.setdefault(target.field, [])) for target in targets]


def _path_of(target: Target, slots: list[str]) -> str | None:
    if target.field not in ENTRY_PARTS:
        return "/".join(filter(None, (target.field, target.part))) or None
    if target.slot not in slots:
        slots.append(target.slot)
    part = _TOGETHER_IN_A_STREET.get(target.part, target.part)
    return f"{target.field}/{slots.index(target.slot)}/{part}"


def target_of(path: str) -> Target | None:
    """The place a field path names, or None if it names none."""
    if path in SCALARS or path in {ORGANIZATION, TAGS, CUSTOM, MORE}:
        return Target(path)
    if path.startswith("custom/") and 0 < len(path) - len("custom/") <= MOST_CUSTOM_NAME:
        return Target(CUSTOM, part=path.removeprefix("custom/"))
    found = _ENTRY.fullmatch(path)
    if found and found[3] in ENTRY_PARTS[found[1]]:
        return Target(found[1], slot=str(int(found[2])), part=found[3])
    return None
