"""What operators see of the fleet at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from crmtenant.services.fleet.server_rows import FULL_SHARE

#: A nightly backup, and two hours for making and proving it.
PROVEN_WITHIN = timedelta(hours=26)

#: What a company's database is not as the catalog says.
Drift = Literal["unreachable", "missing", "broken", "open", "closed", "label", "behind"]


@dataclass(frozen=True, slots=True)
class FleetCompany:
    """A company, what is odd about its database, and what it used in the last 24 hours, about.

    `load` is how many threads worked for it on average. Without figures, it was not used.
    """

    id: str
    slug: str
    name: str
    state: str
    server: str
    size_bytes: int | None
    users: int
    schema_revision: str | None
    drift: Drift | None
    proven_at: datetime | None
    used_at: datetime | None
    requests: int | None
    errors: int | None
    load: float | None

    def is_unproven(self, moment: datetime) -> bool:
        """Return whether people work in it without a proven backup of the last night."""
        if self.state != "active":
            return False
        return self.proven_at is None or moment - self.proven_at > PROVEN_WITHIN


@dataclass(frozen=True, slots=True)
class FleetServer:
    """A server, what our databases take of it, and whether it takes new companies. Unreachable: no bytes."""

    name: str
    is_reachable: bool
    is_draining: bool
    weight: int
    used_bytes: int | None
    capacity_bytes: int | None
    companies: int
    spares: int
    load: float

    @property
    def used_share(self) -> float | None:
        """How much of its capacity is used, if both are known."""
        if not self.capacity_bytes or self.used_bytes is None:
            return None
        return self.used_bytes / self.capacity_bytes

    @property
    def has_room(self) -> bool:
        """Whether it takes new companies."""
        is_open = self.is_reachable and not self.is_draining and self.weight > 0
        return is_open and (self.used_share or 0) < FULL_SHARE


@dataclass(frozen=True, slots=True)
class FleetWork:
    """What is being done: an owner's job, a database being filled, a pause of a company, or a command that began.

    `step` is one of the job's, or the command as it was given; `progress` is in percent, where it can be told.
    """

    company: str | None
    kind: str
    step: str | None
    progress: int | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Fleet:
    """Everything at one moment."""

    taken_at: datetime
    revision: str
    servers: list[FleetServer]
    work: list[FleetWork]
    companies: list[FleetCompany]
