"""Who writes, and the row that is being written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmtenant.clock import LocalClock
from crmtenant.services.entities.registry import EntityRegistry
from crmtenant.services.entities.room import UNLIMITED, Room

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who writes, and who else is in the company: `are_members` tells whether all these ids are its people's.

    `may_manage_shared`: whether they may also change what others made and share. `entities` are the nouns of
    the application, some of whose rows belong to others. `clock`, `language` and `room` are the company's.
    """

    id: str
    are_members: Callable[[Iterable[str]], bool]
    may_manage_shared: bool = False
    entities: EntityRegistry = field(default_factory=EntityRegistry)
    clock: LocalClock = field(default_factory=LocalClock)
    language: str | None = None
    room: Room = UNLIMITED


@dataclass(frozen=True, slots=True)
class Change:
    """A row that is being written: who writes it, what it was and what it is to be.

    `row` is None while the row is new. `values` are all that it is to hold, `changes` those that differ.
    `deleted_at` is, for a row that was restored, the moment it had been deleted.
    """

    session: Session
    actor: Actor
    values: Values = field(default_factory=dict)
    row: Any = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    deleted_at: datetime | None = None
