"""Rate limits, counted in PostgreSQL so that every process counts the same.

Fixed windows that begin with the first attempt. An attempt is counted before it is made, in a transaction of its
own, so a guess that is cut off or made in parallel with a hundred others counts like any other.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.errors import TooMany
from crmtenant.models.catalog.tables import RateLimitBucket

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

DAY_SECONDS = 86_400
#: How many invitations go to one address, and out of one company, in a day.
INVITATIONS_TO_ADDRESS, INVITATIONS_OF_COMPANY = 10, 200
#: How many mails one address may get in a day that ask it to confirm.
EMAIL_CHANGES_TO_ADDRESS = 10
#: Looking around in the demo company guesses nothing, so it may be done this many times as often as signing in.
DEMO_FACTOR = 10
#: People try several passwords until one is good enough.
CHOICES_FACTOR = 5

_NEW = insert(RateLimitBucket).values(bucket=bindparam("bucket"), window_started_at=bindparam("now"), count=1)
_IS_OVER = RateLimitBucket.window_started_at <= bindparam("horizon")
_COUNT = _NEW.on_conflict_do_update(
    index_elements=[RateLimitBucket.bucket],
    set_={
        "count": case((_IS_OVER, 1), else_=RateLimitBucket.count + 1),
        "window_started_at": case(
            (_IS_OVER, _NEW.excluded.window_started_at), else_=RateLimitBucket.window_started_at
        ),
    },
).returning(RateLimitBucket.count, RateLimitBucket.window_started_at)
_IS_BUCKET = RateLimitBucket.bucket == bindparam("which")
_REFUND = (
    update(RateLimitBucket)
    .where(_IS_BUCKET, RateLimitBucket.count > 0)
    .values(count=RateLimitBucket.count - 1)
)
_CLEAR = delete(RateLimitBucket).where(_IS_BUCKET)
_SWEEP = delete(RateLimitBucket).where(RateLimitBucket.window_started_at <= bindparam("horizon"))


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts of one kind a subject may make in a window."""

    kind: str
    max_attempts: int
    window_seconds: int


@dataclass(frozen=True, slots=True)
class LimitPolicy:
    """The limits of this installation."""

    attempts: int
    registrations: int
    window_seconds: int

    def guessing(self, kind: str) -> Limit:
        """Return the limit of attempts to guess a secret."""
        return Limit(kind, self.attempts, self.window_seconds)

    def registration(self) -> Limit:
        """Return how many accounts one address may create."""
        return Limit("registration", self.registrations, self.window_seconds)

    def password_choice(self) -> Limit:
        """Return how many new passwords one address may have judged: several for each account it creates."""
        return Limit("password choice", self.registrations * CHOICES_FACTOR, self.window_seconds)

    def invitation_to(self) -> Limit:
        """Return how often one address may be invited in a day, by whomever."""
        return Limit("invitation to address", INVITATIONS_TO_ADDRESS, DAY_SECONDS)

    def invitation_of(self) -> Limit:
        """Return how many people one company may invite in a day."""
        return Limit("invitation of company", INVITATIONS_OF_COMPANY, DAY_SECONDS)

    def email_change_to(self) -> Limit:
        """Return how often one address may be asked to confirm in a day, by whomever."""
        return Limit("change to address", EMAIL_CHANGES_TO_ADDRESS, DAY_SECONDS)

    def demo(self) -> Limit:
        """Return how often one address may enter the demo company."""
        return Limit("demo by address", self.attempts * DEMO_FACTOR, self.window_seconds)


class RateLimits:
    """Counts attempts and refuses those beyond a limit. The table holds keyed hashes, no addresses."""

    def __init__(
        self, catalog: Catalog, keys: Callable[[], Sequence[bytes]], clock: Callable[[], datetime] = now
    ) -> None:
        self._catalog = catalog
        self._keys = keys
        self._clock = clock

    def count(self, limit: Limit, subject: str) -> None:
        """Count an attempt.

        Raises: `TooMany`, which says when to try again, if the attempt is beyond the limit.
        """
        moment = self._clock()
        window = timedelta(seconds=limit.window_seconds)
        values = {"now": moment, "horizon": moment - window}
        with self._catalog.begin() as session:
            counts = [
                session.execute(_COUNT, {"bucket": bucket, **values}).one()
                for bucket in self._buckets(limit, subject)
            ]
            count, started_at = max(counts, key=lambda found: found[0])
        if count > limit.max_attempts:
            seconds = math.ceil((started_at + window - moment).total_seconds())
            raise TooMany("Too many attempts. Try again later.", retry_after_seconds=max(1, seconds))

    def clear(self, limit: Limit, subject: str) -> None:
        """Reset the subject's count to zero."""
        self._execute(_CLEAR, limit, subject)

    def refund(self, limit: Limit, subject: str) -> None:
        """Take one attempt off the subject's count because it succeeded."""
        self._execute(_REFUND, limit, subject)

    def sweep(self, older_than_seconds: int = DAY_SECONDS) -> None:
        """Delete windows that began longer ago."""
        horizon = self._clock() - timedelta(seconds=older_than_seconds)
        with self._catalog.begin() as session:
            session.execute(_SWEEP, {"horizon": horizon})

    def _execute(self, statement: Any, limit: Limit, subject: str) -> None:
        with self._catalog.begin() as session:
            for bucket in self._buckets(limit, subject):
                session.execute(statement, {"which": bucket})

    def _buckets(self, limit: Limit, subject: str) -> list[str]:
        """Return one bucket per key. Processes learn of a key rotation at different moments, and nobody may gain
        attempts by it. The order is the same for all, so that no two transactions deadlock."""
        name = f"{limit.kind}:{subject}".encode("utf-8", "surrogatepass")
        return sorted(hmac.new(key, name, hashlib.sha256).hexdigest() for key in self._keys())


def address_block(address: str) -> str:
    """Return what counts as one place: an IPv4 address, or the /64 network that one IPv6 customer has."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
