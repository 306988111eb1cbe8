"""How an import decided who is who, where that is not obvious: told to whoever imports, row by row."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about one row of a file, and on account of which field."""

    row: int
    pointer: str
    code: str
    detail: str


def another_contact(row: int, shared: tuple[str, str], *, could_be_several: bool) -> Decision:
    """Return that the row became a contact of its own, though one of this name has this address or number."""
    key, name = shared
    what, pointer = ("e-mail address", "/emails") if "@" in key else ("telephone number", "/phones")
    if could_be_several:
        detail = (
            f"Several contacts have this {what}, and the row fits more than one; it became another contact."
        )
        return Decision(row, pointer, "several_fit", detail)
    detail = f"“{name}” has the same {what}; as the name is another, this is another contact."
    return Decision(row, pointer, "shared_address", detail)


def kept_name(row: int, name: str) -> Decision:
    """Return that the contact of this name is meant, since it has the row's UID, and keeps its name."""
    return Decision(row, "/name", "other_name", f"By its UID this is “{name}”, whose name was kept.")
