"""The places of projects and of their boards' columns."""

from __future__ import annotations

from typing import ClassVar

from crmtenant.resources.base import Collection, Item, Nested, Resource
from crmtenant.resources.task import TaskResource
from crmtenant.services.crm.projects import COLUMN, COLUMNS, PROJECT, PROJECTS


class ColumnResource(Item):
    """One column of a board."""

    noun = COLUMN
    records = COLUMNS


class ColumnCollection(Collection):
    """All columns of all boards."""

    item = ColumnResource


class ProjectColumns(Nested):
    """The columns of a project's board."""

    item = ColumnResource
    belongs_by = "project_id"


class ProjectTasks(Nested):
    """The tasks of a project."""

    item = TaskResource
    belongs_by = "project_id"
    default_sort = "position"


class ProjectResource(Item):
    """One project."""

    noun = PROJECT
    records = PROJECTS
    children: ClassVar[dict[str, type[Resource]]] = {"tasks": ProjectTasks, "columns": ProjectColumns}


class ProjectCollection(Collection):
    """All projects."""

    item = ProjectResource
