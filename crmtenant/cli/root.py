"""What all commands share: the installation they work on, and how they report errors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from configparser import Error as IniError
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import click
from pyramid.paster import get_appsettings

from crmtenant import make_inspection_app
from crmtenant.cli.journalling import Recording, keep_words
from crmtenant.db.embedded.open_server import open_server
from crmtenant.db.errors import is_server_unavailable
from crmtenant.errors import DomainError, OperatorError, SettingsError, sentence
from crmtenant.logs import configure_logs
from crmtenant.platform import Platform
from crmtenant.platform.recovery import recovery_of
from crmtenant.services.jobs.catalog_recovery import CatalogRecovery
from crmtenant.services.monitoring.journal import Journal
from crmtenant.settings import Settings, read_settings


class Context:
    """The installation a command works on."""

    def __init__(self, config: str, debug: bool) -> None:
        self._config = config
        self.debug = debug
        self._open = ExitStack()
        self._recording = Recording(config)

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
        """Open the installation, with PostgreSQL running and the catalog migrated, and journal the command.

        It stays open until the command has ended.
        """
        settings = self.settings()
        configure_logs(settings.log_format, level=log_level)
        platform = self._open.enter_context(closing(Platform.open(settings)))
        self._recording.begin(platform.journal)
        yield platform

    @contextmanager
    def recovery(self) -> Iterator[CatalogRecovery]:
        """Open what recovers the catalog, with PostgreSQL running; the catalog itself is not touched."""
        settings = self.journalled_settings()
        with closing(open_server(settings)) as server, recovery_of(settings, server) as recovery:
            yield recovery

    def journalled_settings(self) -> Settings:
        """Read the ini file for a command that works without the catalog, and journal it: its lines wait for whoever
        reaches the catalog next."""
        settings = self.settings()
        configure_logs(settings.log_format, level=logging.ERROR)
        self._recording.begin(Journal(settings.data_dir))
        return settings

    def concerns(self, company_id: str) -> None:
        """Note for the journal that the command is about this company, which it could not name."""
        self._recording.concerns(company_id)

    def finish(self, problem: BaseException | None) -> None:
        """Journal how the command ended, and close what it opened."""
        try:
            self._recording.end(problem)
        finally:
            self._open.close()

    def registry(self) -> Any:
        """Return the application's registry, without opening a database."""
        return make_inspection_app(self.settings()).registry


pass_installation = click.make_pass_decorator(Context)


class Commands(click.Group):
    """A group whose commands report errors in one sentence."""

    def resolve_command(
        self, context: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command and its arguments, which the journal keeps as they are."""
        name, command, words = super().resolve_command(context, args)
        keep_words(context, words)
        return name, command, words

    def invoke(self, context: click.Context) -> Any:
        """Invoke the command, turning our own errors into ClickException."""
        try:
            return super().invoke(context)
        except Exception as problem:
            text = _explained(problem)
            if text is None or (isinstance(context.obj, Context) and context.obj.debug):
                raise
            raise click.ClickException(text) from problem


def _explained(problem: Exception) -> str | None:
    """Return what an operator needs to know of the error, or None for an error in this program."""
    if isinstance(problem, BrokenPipeError):
        return None  # whoever read the output wanted no more of it
    if isinstance(problem, OSError) and problem.strerror and problem.filename:
        return f"{problem.filename}: {problem.strerror}."
    if isinstance(problem, OperatorError | SettingsError | DomainError | OSError):
        return str(problem)
    if is_server_unavailable(problem):
        return f"The database cannot be used at the moment: {sentence(getattr(problem, 'orig', None) or problem)}"
    return None


class Root(Commands):
    """The group of all commands, which journals how each ends."""

    def invoke(self, context: click.Context) -> Any:
        """Invoke the command and journal its outcome."""
        problem: BaseException | None = None
        try:
            return super().invoke(context)
        except BaseException as raised:
            problem = raised
            raise
        finally:
            if isinstance(context.obj, Context):
                context.obj.finish(problem)
