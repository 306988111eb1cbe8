"""The HTTP side: views registered against the tree's resources, and what stands around them.

A view reads its context, calls services and chooses the status. It builds no query, checks no role and
concatenates no URL.
"""

from __future__ import annotations

from typing import Any


def includeme(config: Any) -> None:
    """Nothing comes back; every view, tween, deriver and subscriber is registered."""
    config.include("crmtenant.api.guard")
    config.include("crmtenant.api.errors")
    config.include("crmtenant.api.options")
    config.include("crmtenant.api.idempotency")
    config.include("crmtenant.api.contacts")
    config.include("crmtenant.api.projects")
    config.include("crmtenant.api.tasks")
    config.include("crmtenant.api.saved_views")
    config.include("crmtenant.api.openapi")
    config.scan("crmtenant.api")
