"""Temporary copies of a template, to inspect."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex
from typing import TYPE_CHECKING

from crmtenant.db.admin import statements
from crmtenant.db.admin.locks import AdvisoryLocks

if TYPE_CHECKING:
    from crmtenant.db.pool.address import ServerAddress
    from crmtenant.db.secrets.role_names import RoleNames

_LEFT = """
    SELECT datname, datconnlimit = -2 FROM pg_database WHERE pg_get_userbyid(datdba) = %s AND datname ~ %s
"""


@contextmanager
def scratch_copy(server: ServerAddress, names: RoleNames, template: str) -> Iterator[str]:
    """Yield the name of a temporary copy of the template, which itself takes no connections.

    Copies left behind by others are dropped as well, but not what only begins with the same name: the catalog of another
    installation, say.
    """
    prefix = f"{names.catalog}_scratch_"
    database = prefix + token_hex(4)
    with AdvisoryLocks(server, names).provisioning() as admin:
        for left, is_broken in admin.rows(_LEFT, names.owner, f"^{re.escape(prefix)}[0-9a-f]{{8}}$"):
            statements.drop(admin, left, is_broken=is_broken)
        statements.copy_template(admin, template, database, names.owner)
        statements.open_to(admin, database)
        try:
            yield database
        finally:
            statements.drop(admin, database)
