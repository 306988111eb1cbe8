"""What all commands share: the installation they are about, and how they fail."""

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
from crmtenant.errors import DomainError, OperatorError, SettingsError
from crmtenant.logs import configure_logs
from crmtenant.platform import Platform
from crmtenant.settings import Settings, read_settings


class Context:
    """The installation a command is about."""

    def __init__(self, config: str, debug: bool) -> None:
        self._config = config
        self.debug = debug

    def settings(self) -> Settings:
        """What the ini file says. `SettingsError` or `OperatorError` when it cannot be used."""
        if not Path(self._config).is_file():
            raise OperatorError(f"There is no file {self._config}; name the ini file with --config.")
        try:
            ini = get_appsettings(self._config, name="main")
        except (IniError, LookupError, UnicodeDecodeError) as problem:
            reason = str(problem).partition("\n")[0]
            raise OperatorError(f"{self._config} cannot be read: {reason}.") from None
        return read_settings(ini)

    @contextmanager
    def platform(self, *, log_level: int = logging.ERROR) -> Iterator[Platform]:
        """The installation, opened: its PostgreSQL runs and the catalog is up to date; closed at the end."""
        settings = self.settings()
        configure_logs(settings.log_format, level=log_level)
        with closing(Platform.open(settings)) as platform:
            yield platform

    def registry(self) -> Any:
        """The registry of the application, without opening a database."""
        return make_inspection_app(self.settings()).registry


pass_installation = click.make_pass_decorator(Context)


class Commands(click.Group):
    """A group whose commands fail with one sentence."""

    def invoke(self, context: click.Context) -> Any:
        """Whatever the command returns; ClickException in place of what we raise ourselves."""
        try:
            return super().invoke(context)
        except (OperatorError, SettingsError, DomainError, OSError) as problem:
            if isinstance(context.obj, Context) and context.obj.debug:
                raise
            raise click.ClickException(str(problem)) from problem
