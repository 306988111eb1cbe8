"""What of a command is journalled: that it began, with which words, and how it ended."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from crmtenant.errors import sentence
from crmtenant.services.monitoring.journal import Command, Journal, command_of

Parameters = Mapping[str, Any]


def _always(_: Parameters) -> bool:
    return True


def _sets_no_quota(given: Parameters) -> bool:
    return not any(value for name, value in given.items() if name not in {"name", "as_json"})


#: Commands that change nothing, or do so depending on their options; and the worker, which nobody gives by hand.
READING: dict[str, Callable[[Parameters], bool]] = {
    "backup list": _always,
    "company list": _always,
    "company quota": _sets_no_quota,
    "company show": _always,
    "company top": _always,
    "doctor": lambda given: not given["is_fixing"],
    "fleet": _always,
    "fleet account list": _always,
    "journal": _always,
    "migrate": lambda given: bool(given["dry_run"]),
    "receipts list": _always,
    "server list": _always,
    "support list": _always,
    "worker": _always,
}
#: Options that name a person.
_PERSONAL = frozenset({"owner", "email"})
_GIVEN = f"{__name__}.given"
_NAMES_COMPANY = re.compile("COMPANY|SLUG")


class Recording:
    """Journals one command."""

    def __init__(self, settings_file: str) -> None:
        self._settings_file = settings_file
        self._journal: Journal | None = None
        self._command: Command | None = None

    def begin(self, journal: Journal) -> None:
        """Journal that the present command began, unless it only reads or was journalled already."""
        context = click.get_current_context()
        if self._command is not None or is_reading(context):
            return
        self._journal = journal
        command = command_of(name_of(context), words_of(context), self._settings_file)
        self._command = journal.begin(command, companies_of(context))

    def concerns(self, company_id: str) -> None:
        """Note that the command is about this company too."""
        if self._command is not None:
            self._command = replace(self._command, companies=(*self._command.companies, company_id))

    def end(self, problem: BaseException | None) -> None:
        """Journal how the command ended: with what it raised, or well."""
        if self._journal is not None and self._command is not None:
            self._journal.end(self._command, *outcome_of(problem))


def is_reading(context: click.Context) -> bool:
    """Return whether the command changes nothing."""
    reads = READING.get(name_of(context))
    return reads is not None and reads(context.params)


def name_of(context: click.Context) -> str:
    """Return the command as it is written, such as `company suspend`."""
    return context.command_path.partition(" ")[2]


def keep_words(context: click.Context, words: Sequence[str]) -> None:
    """Remember the arguments of the command as they were given; those of a group are followed by its command's."""
    context.meta[_GIVEN] = tuple(words)


def words_of(context: click.Context) -> list[str]:
    """Return the arguments as they were given, in the order in which help lists them; who is a person is left out."""
    parser = context.command.make_parser(context)
    given, _, _ = parser.parse_args(list(context.meta.get(_GIVEN, ())))
    return [word for param in context.command.params for word in _words(context, param, given)]


def companies_of(context: click.Context) -> list[str]:
    """Return the slugs and ids that the command was given."""
    return [
        value
        for param in context.command.params
        if _NAMES_COMPANY.search(getattr(param, "metavar", None) or "")
        for value in _values(context.params.get(param.name or ""))
    ]


def outcome_of(problem: BaseException | None) -> tuple[int, str]:
    """Return the exit code that a command ends with, and a sentence where it did not end well."""
    match problem:
        case None:
            return 0, ""
        case click.ClickException():
            return problem.exit_code, problem.format_message()
        case click.exceptions.Exit():
            return problem.exit_code, ""
        case SystemExit(code=int(code)):
            return code, ""
        case click.Abort() | KeyboardInterrupt():
            return 1, "aborted"
    return 1, f"{type(problem).__name__}: {sentence(problem)}"


def _words(context: click.Context, param: click.Parameter, given: Mapping[str, Any]) -> Iterator[str]:
    name = param.name or ""
    if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
        return
    for value in _values(given.get(name)):
        if isinstance(param, click.Option):
            yield max(param.opts, key=len)
        if not (isinstance(param, click.Option) and param.is_flag):
            yield "(a person)" if name in _PERSONAL else value


def _values(value: Any) -> list[str]:
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, tuple | list) else [str(value)]
