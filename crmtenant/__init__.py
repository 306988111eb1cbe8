"""CRM and project management for many companies, each in a PostgreSQL database of its own.

This is the one place where the parts are put together into a WSGI application.
"""

from __future__ import annotations

from typing import Any

#: Pyramid's scripts that only inspect how an application is configured.
INSPECTION_SCRIPTS = frozenset({"pviews", "ptweens", "proutes"})


def main(global_config: dict[str, Any], **ini: Any) -> Any:
    """Return the WSGI application of the ini file. Opens the platform, which the server runner closes."""
    from crmtenant.api.crm import ENTITIES
    from crmtenant.api.entities.registration import entity_tree_of
    from crmtenant.api.spa import is_built
    from crmtenant.logs import configure_logs
    from crmtenant.platform import Platform
    from crmtenant.serving.server import starting
    from crmtenant.settings import read_settings
    from crmtenant.worker import accompany
    from crmtenant.worker.migrate_at_start import catch_up

    with starting(global_config):
        settings = read_settings(ini)
        if global_config.get("__script__") in INSPECTION_SCRIPTS:
            return make_inspection_app(settings)
        configure_logs(settings.log_format)
        platform = Platform.open(settings)
        if settings.migrate_at_start:
            catch_up(platform)
        accompany(platform, entity_tree_of(ENTITIES).entities)
        if not is_built():
            platform.welcome.append("The page is not built; `make page` builds it.")
        return make_app(platform)


def make_inspection_app(settings: Any) -> Any:
    """Return the application without a database, to inspect its configuration, not to serve it."""
    from crmtenant.platform import UnopenedPlatform
    from crmtenant.resources.root import inspection_root

    return make_app(UnopenedPlatform(settings), inspection_root)


def make_app(platform: Any, root_factory: Any = None, registrations: Any = None) -> Any:
    """Return the WSGI application over an open platform; `registrations` are its nouns, if not all of crmtenant's."""
    from pyramid.config import Configurator
    from pyramid.tweens import EXCVIEW

    from crmtenant.api.crm import ENTITIES
    from crmtenant.api.web.http import Request
    from crmtenant.permissions import NOBODY
    from crmtenant.resources import root
    from crmtenant.security.policy import TreePolicy
    from crmtenant.settings import SHOWN

    config = Configurator(
        root_factory=root_factory or root.root_factory,
        request_factory=Request,
        security_policy=TreePolicy(),
        default_permission=NOBODY,
        settings={
            "tm.activate_hook": "crmtenant.api.web.http.is_unsafe",
            "tm.commit_veto": "pyramid_tm.default_commit_veto",
            "tm.annotate_user": "false",
        },
    )
    config.registry.platform = platform
    config.registry.registrations = registrations or ENTITIES
    # pyramid_tm's own includeme adds a request method, for which Pyramid makes a class at every request;
    # ours is `Request.tm`.
    config.add_tween("pyramid_tm.tm_tween_factory", over=EXCVIEW)
    config.add_route("api_root", "/api", use_global_views=True)
    config.add_route("api", "/api/*traverse", use_global_views=True)
    config.include("crmtenant.api")
    if platform.settings.mail_url == SHOWN:
        config.include("crmtenant.api.dev_mail")
    if platform.settings.metrics_listen is not None:
        config.include("crmtenant.api.metrics")
    # Last, because it matches every URL that nothing else does.
    config.add_route("page_asset", "/assets/{name}")
    # Not "/*place", which resolves ".." and so serves one file under many URLs.
    config.add_route("page", "/{place:(?!api(?:/|$)).*}")
    return config.make_wsgi_app()
