"""Dropping databases whatever they are, which the product never does."""

from __future__ import annotations

from crmtenant.db.admin.identity import Belief, DatabaseIdentity


class _Anything(Belief):
    def check(self, database: str, identity: DatabaseIdentity) -> None:
        """Agree with everything."""


ANYTHING = _Anything("anything")
