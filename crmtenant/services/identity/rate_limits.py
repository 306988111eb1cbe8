"""How often something was tried lately: counted in PostgreSQL, so that every process counts the same.

Fixed windows that begin with the first attempt. An attempt is counted before it is made, in a transaction
of its own: a guess that is cut off, or made beside a hundred others, counts like any other.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, case, delete, update
from sqlalchemy.dialects.postgresql import insert

from crmtenant.clock import now
from crmtenant.errors import TooMany
from crmtenant.models.catalog.tables import Attempts as Bucket

if TYPE_CHECKING:
    from crmtenant.db.pool.catalog import Catalog

_NEW = insert(Bucket).values(bucket=bindparam("bucket"), window_started_at=bindparam("now"), count=1)
_IS_OVER = Bucket.window_started_at <= bindparam("horizon")
_COUNT = _NEW.on_conflict_do_update(
    index_elements=[Bucket.bucket],
    set_={
        "count": case((_IS_OVER, 1), else_=Bucket.count + 1),
        "window_started_at": case(
            (_IS_OVER, _NEW.excluded.window_started_at), else_=Bucket.window_started_at
        ),
    },
).returning(Bucket.count, Bucket.window_started_at)
_GIVE_BACK = (
    update(Bucket).where(Bucket.bucket == bindparam("which"), Bucket.count > 0).values(count=Bucket.count - 1)
)
_CLEAR = delete(Bucket).where(Bucket.bucket == bindparam("which"))
_SWEEP = delete(Bucket).where(Bucket.window_started_at <= bindparam("horizon"))


@dataclass(frozen=True, slots=True)
class Limit:
    """So many attempts of one kind per subject and window."""

    kind: str
    most: int
    window_seconds: int


class Attempts:
    """Counts attempts and refuses those beyond a limit. The table holds keyed hashes, no addresses."""

    def __init__(
        self, catalog: Catalog, keys: Callable[[], Sequence[bytes]], clock: Callable[[], datetime] = now
    ) -> None:
        self._catalog = catalog
        self._keys = keys
        self._clock = clock

    def count(self, limit: Limit, subject: str) -> None:
        """Nothing comes back when the attempt may be made; `TooMany` says when to try again."""
        moment = self._clock()
        window = timedelta(seconds=limit.window_seconds)
        values = {"now": moment, "horizon": moment - window}
        with self._catalog.begin() as session:
            counts = [
                session.execute(_COUNT, {"bucket": bucket, **values}).one()
                for bucket in self._buckets(limit, subject)
            ]
            count, started_at = max(counts, key=lambda found: found[0])
        if count > limit.most:
            seconds = math.ceil((started_at + window - moment).total_seconds())
            raise TooMany("Too many attempts. Try again later.", retry_after_seconds=max(1, seconds))

    def clear(self, limit: Limit, subject: str) -> None:
        """Nothing comes back; the subject starts afresh."""
        with self._catalog.begin() as session:
            for bucket in self._buckets(limit, subject):
                session.execute(_CLEAR, {"which": bucket})

    def give_back(self, limit: Limit, subject: str) -> None:
        """Nothing comes back; one attempt is no longer counted, because it was rightful."""
        with self._catalog.begin() as session:
            for bucket in self._buckets(limit, subject):
                session.execute(_GIVE_BACK, {"which": bucket})

    def sweep(self, older_than_seconds: int = 86_400) -> None:
        """Nothing comes back; windows begun longer ago are gone."""
        horizon = self._clock() - timedelta(seconds=older_than_seconds)
        with self._catalog.begin() as session:
            session.execute(_SWEEP, {"horizon": horizon})

    def _buckets(self, limit: Limit, subject: str) -> list[str]:
        """One under each key, so that nobody gets new attempts by a change of keys, which processes learn of at
        different moments. All take them in the same order, so that none waits for another in a circle."""
        what = f"{limit.kind}:{subject}".encode("utf-8", "surrogatepass")
        return sorted(hmac.new(key, what, hashlib.sha256).hexdigest() for key in self._keys())


def address_block(address: str) -> str:
    """What counts as one place: an IPv4 address, or the /64 that an IPv6 customer has whole."""
    try:
        parsed = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        mapped = parsed.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
