"""What all commands share: the installation they work on, and how they report errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from configparser import Error as IniError
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
from pyramid.paster import get_appsettings

from crmtenant import make_inspection_app
from crmtenant.db.embedded.open_server import open_server
from crmtenant.errors import DomainError, OperatorError, SettingsError
from crmtenant.logs import configure_logs
from crmtenant.platform import Platform
from crmtenant.platform.recovery import recovery_of
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery
from crmtenant.settings import Settings, read_settings


class Context:
    """The installation a command works on."""

    def __init__(self, config: str, debug: bool) -> None:
        self._config = config
        self.debug = debug

    def settings(self) -> Settings:
        """Read the ini file. Raises `SettingsError` or `OperatorError` if it cannot be used."""
        if not Path(self._config).is_file():
            raise OperatorError(f"There is no file {self._config}; give the ini file with --config.")
        try:
            ini = get_appsettings(self._config, name="main")
        except (IniError, LookupError, UnicodeDecodeError) as problem:
            reason = str(problem).partition("\n")[0]
            raise OperatorError(f"{self._config} cannot be read: {reason}.") from None
        return read_settings(ini)

    @contextmanager
    def platform(self, *, log_level: int = logging.ERROR) -> Iterator[Platform]:
        """Open the installation, with PostgreSQL running and the catalog migrated; close it at the end."""
        settings = self.settings()
        configure_logs(settings.log_format, level=log_level)
        with closing(Platform.open(settings)) as platform:
            yield platform

    @contextmanager
    def recovery(self) -> Iterator[CatalogRecovery]:
        """Open what recovers the catalog, with PostgreSQL running; the catalog itself is not touched."""
        settings = self.settings()
        configure_logs(settings.log_format, level=logging.ERROR)
        with closing(open_server(settings)) as server, recovery_of(settings, server) as recovery:
            yield recovery

    def registry(self) -> Any:
        """Return the application's registry, without opening a database."""
        return make_inspection_app(self.settings()).registry


pass_installation = click.make_pass_decorator(Context)


class Commands(click.Group):
    """A group whose commands report errors in one sentence."""

    def invoke(self, context: click.Context) -> Any:
        """Invoke the command, turning our own errors into ClickException."""
        try:
            return super().invoke(context)
        except (OperatorError, SettingsError, DomainError, OSError) as problem:
            if isinstance(context.obj, Context) and context.obj.debug:
                raise
            raise click.ClickException(str(problem)) from problem
