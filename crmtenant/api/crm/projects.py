"""Projects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crmtenant.api.entities.collection_views import CollectionViews
from crmtenant.api.entities.item_views import ItemViews
from crmtenant.api.entities.registration import Registration
from crmtenant.resources.project import ContactProjects, ProjectCollection
from crmtenant.schemas.crm.project import PROJECT_SHAPES


class CountsTasks:
    """What the ETag of a project holds beside its version."""

    def counted(self, item: Mapping[str, Any]) -> str:
        """How its tasks stand."""
        return "-".join(str(count) for count in item["task_counts"].values())


class ProjectCollectionViews(CountsTasks, CollectionViews):
    """Projects, and the projects of a contact."""


class ProjectViews(CountsTasks, ItemViews):
    """One project."""


PROJECTS = Registration(
    collection=ProjectCollection,
    shapes=PROJECT_SHAPES,
    access="project",
    nested=(ContactProjects,),
    collection_views=ProjectCollectionViews,
    item_views=ProjectViews,
)
