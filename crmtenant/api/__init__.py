"""The HTTP side: views registered against the tree's resources, and what stands around them.

A view reads its context, calls services and chooses the status. It builds no query, checks no role and
concatenates no URL.
"""

from __future__ import annotations

from typing import Any

from crmtenant.api.entities.registration import add_entities


def includeme(config: Any) -> None:
    """Register every view, tween, deriver and subscriber, and the nouns of `registry.registrations`."""
    config.include("crmtenant.api.web.guard")
    config.include("crmtenant.api.web.usage")
    config.include("crmtenant.api.web.request_limits")
    config.include("crmtenant.api.web.errors")
    config.include("crmtenant.api.web.view_options")
    config.include("crmtenant.api.web.idempotency")
    add_entities(config, config.registry.registrations)
    config.include("crmtenant.api.crm.overview")
    config.include("crmtenant.api.crm.history")
    config.include("crmtenant.api.crm.timeline")
    config.include("crmtenant.api.crm.trash")
    config.include("crmtenant.api.transfer.company_files")
    config.include("crmtenant.api.docs.views")
    config.scan("crmtenant.api")
