"""Projects and the columns of their boards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmtenant.api.entities.crud import CollectionViews, ItemViews, add_entity_views
from crmtenant.api.entities.views import Shapes
from crmtenant.resources.contact import ContactProjects
from crmtenant.resources.project import (
    ColumnCollection,
    ColumnResource,
    ProjectCollection,
    ProjectColumns,
    ProjectResource,
)
from crmtenant.schemas.crm.board_column import ColumnDraft, ColumnOut, ColumnQuery
from crmtenant.schemas.crm.project import ProjectDraft, ProjectOut, ProjectQuery

PROJECT_SHAPES = Shapes.of(ProjectDraft, ProjectOut, ProjectQuery)
COLUMN_SHAPES = Shapes.of(ColumnDraft, ColumnOut, ColumnQuery)


class CountsTasks:
    """What the ETag of a project holds beside its version."""

    def counted(self, item: Mapping[str, Any]) -> str:
        """How its tasks stand."""
        return "-".join(str(count) for count in item["task_counts"].values())


class ProjectCollectionViews(CountsTasks, CollectionViews):
    """Projects, and the projects of a contact."""

    shapes = PROJECT_SHAPES
    collection = "projects"


class ProjectViews(CountsTasks, ItemViews):
    """One project."""

    shapes = PROJECT_SHAPES
    collection = "projects"


class ColumnCollectionViews(CollectionViews):
    """Columns, and the columns of a project."""

    shapes = COLUMN_SHAPES
    collection = "columns"


class ColumnViews(ItemViews):
    """One column."""

    shapes = COLUMN_SHAPES
    collection = "columns"


def includeme(config: Any) -> None:
    """Nothing comes back; projects and columns have their views."""
    add_entity_views(
        config,
        collection=(ProjectCollection, ProjectCollectionViews),
        item=(ProjectResource, ProjectViews),
        nested=[ContactProjects],
        access="project",
    )
    add_entity_views(
        config,
        collection=(ColumnCollection, ColumnCollectionViews),
        item=(ColumnResource, ColumnViews),
        nested=[ProjectColumns],
        access="project",
    )
