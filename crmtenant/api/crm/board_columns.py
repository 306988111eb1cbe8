"""The columns of projects' boards."""

from __future__ import annotations

from crmtenant.api.entities.registration import Registration
from crmtenant.resources.board_column import ColumnCollection, ProjectColumns
from crmtenant.schemas.crm.board_column import COLUMN_SHAPES

COLUMNS = Registration(
    collection=ColumnCollection,
    shapes=COLUMN_SHAPES,
    access="project",
    nested=(ProjectColumns,),
)
