"""The label of a database: what it says of itself, whatever a catalog says.

It is the database's comment, so it is no part of a dump, of a copy or of what is replicated; a server tells the labels
of all its databases in one query; and no company's own role can change it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Literal, get_args

LabelState = Literal["active", "suspended", "deleting", "replaced", "filling"]

#: The label of the database that a session is connected to.
OWN_LABEL = (
    "(SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database())"
)
_MARK = "crmtenant "
_STATES = frozenset(get_args(LabelState))


@dataclass(frozen=True, slots=True)
class Label:
    """Whose database it is, and which one of the company's: the epoch counts them and what happened to them."""

    company_id: str
    epoch: int
    state: LabelState

    def text(self) -> str:
        """Return the label as the database's comment."""
        return _MARK + json.dumps(asdict(self))

    def is_served_at(self, epoch: int) -> bool:
        """Return whether a catalog that names this epoch may have the database served.

        One that is labelled as being filled was swapped in by somebody who was killed before labelling it. So was one that
        was replaced before that epoch: a swap revived it.
        """
        return self.epoch < epoch if self.state == "replaced" else self.epoch <= epoch

    def may_follow(self, older: Label, *, is_revived: bool = False) -> bool:
        """Return whether this label may take the place of the older one: nothing grows younger, and a database that
        was replaced stays so unless it is revived."""
        is_dead = older.state == "replaced" and self.state != "replaced" and not is_revived
        return older.company_id == self.company_id and older.epoch <= self.epoch and not is_dead


def label_of(company_id: str, epoch: int, catalog_state: str) -> Label:
    """Return the label of the database that a company has in this state of the catalog."""
    state: LabelState = "suspended" if catalog_state == "suspended" else "active"
    return Label(company_id, epoch, "deleting" if catalog_state in {"deleting", "deleted"} else state)


def read_label(comment: str | None) -> Label | None:
    """Return the label in this comment, or None if it holds none of ours."""
    if comment is None or not comment.startswith(_MARK):
        return None
    try:
        label = Label(**json.loads(comment.removeprefix(_MARK)))
    except (ValueError, TypeError):
        return None
    return label if label.state in _STATES else None
