"""The HTTP side: views registered against the tree's resources, and what stands around them.

A view reads its context, calls services and chooses the status. It builds no query, checks no role and
concatenates no URL.
"""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Nothing comes back; every view, tween, deriver and subscriber is registered."""
    config.include("crmtenant.api.web.guard")
    config.include("crmtenant.api.web.errors")
    config.include("crmtenant.api.web.view_options")
    config.include("crmtenant.api.web.idempotency")
    config.include("crmtenant.api.crm.contacts")
    config.include("crmtenant.api.crm.projects")
    config.include("crmtenant.api.crm.tasks")
    config.include("crmtenant.api.crm.saved_views")
    config.include("crmtenant.api.docs.views")
    config.scan("crmtenant.api")
