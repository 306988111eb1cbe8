"""What came with a company's file, in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field, create_model

from crmtenant.schemas.fields import RowId


def company_import_document(collections: Iterable[str]) -> type[BaseModel]:
    """Return the document of an import: how many rows came into each of these collections."""
    fields: Any = dict.fromkeys((*collections, "people_kept", "people_replaced"), (int, ...))
    return create_model(
        "CompanyImportOut",
        __doc__="The numbers of imported rows, and how many of the file's people were kept or replaced.",
        batch_id=(RowId | None, Field(description="The import, to undo it; null where it wrote nothing.")),
        **fields,
    )
