"""Saving the rows of a catalog and putting them back, as after the loss of a catalog."""

from __future__ import annotations

import json
from typing import Any

from crmtenant.models.catalog.tables import CatalogBase
from tests.integration.installation import Installation

_TABLES = [table.name for table in CatalogBase.metadata.sorted_tables if table.name != "journal"]


def save_catalog(installation: Installation) -> dict[str, Any]:
    """The rows of every table."""
    return {name: installation.rows(f"SELECT json_agg(t) FROM {name} AS t")[0][0] or [] for name in _TABLES}


def put_back(installation: Installation, saved: dict[str, Any]) -> None:
    """Replace the catalog's rows by those that were saved; what happened since then is forgotten."""
    installation.do(f"TRUNCATE {', '.join(_TABLES)}", database=installation.names.catalog)
    for name in _TABLES:
        installation.rows(
            f"WITH put AS (INSERT INTO {name} OVERRIDING SYSTEM VALUE"
            f" SELECT * FROM json_populate_recordset(NULL::{name}, CAST(:rows AS json)) RETURNING 1) SELECT 1",
            rows=json.dumps(saved[name]),
        )
