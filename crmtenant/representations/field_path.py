"""Where in a contact's JSON a cell goes: `emails/0/value`, `organization`, `custom/Customer number`.

The vocabulary of an explicit `mapping`, and the column names of our own CSV export, so that what we export
reads back by the same road.
"""

from __future__ import annotations

import re
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
