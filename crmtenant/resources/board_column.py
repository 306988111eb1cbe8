"""The places of the columns of projects' boards."""

from __future__ import annotations

from crmtenant.resources.base import Collection, Item, Nested
from crmtenant.services.crm.board_columns import COLUMN


class ColumnResource(Item):
    """One column of a board."""

    entity = COLUMN


class ColumnCollection(Collection):
    """All columns of all boards."""

    item = ColumnResource


class ProjectColumns(Nested):
    """The columns of a project's board."""

    item = ColumnResource
    owner_name = "project"
    belongs_by = "project_id"
