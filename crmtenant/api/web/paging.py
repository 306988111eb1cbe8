"""Pages of what is read in one order only. Lists of nouns, whose order is asked for, have their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from crmtenant.api.web import cursor

if TYPE_CHECKING:
    from crmtenant.resources.tenant import Tenant

Position = tuple[Any, int]


class Paging:
    """The pages of one thing of a company. `what` names it: a cursor is of no use for another one."""

    def __init__(self, tenant: Tenant, what: str) -> None:
        self._keys = tenant.platform.cursor_keys
        self._scope = f"{tenant.identity.company_id} {what}"

    def after(self, given: str | None) -> Position | None:
        """Return the position after which the page begins; None for the first. Raises: `Malformed`."""
        return None if given is None else cursor.read(self._keys, self._scope, given)

    def links(self, path: str, asked: Mapping[str, Any], after: Position | None) -> dict[str, str | None]:
        """Return the address and the cursor of the page after this position; without one, that there is none."""
        if after is None:
            return {"next": None, "next_cursor": None}
        position = cursor.written(self._keys, self._scope, after)
        pairs = {name: value for name, value in asked.items() if value is not None}
        return {
            "next": f"{path}?{urlencode({**pairs, 'cursor': position}, safe=',')}",
            "next_cursor": position,
        }
