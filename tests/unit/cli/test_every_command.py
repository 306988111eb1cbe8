"""What is true of every command: limits of what it is given, `--json`, `--yes`, and examples that can be typed."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from functools import cache

import click
import psycopg2
import pytest
from click.testing import CliRunner

from crmtenant.cli import main
from crmtenant.cli.arguments import COMPANY, EMAIL, HOST_AND_PORT, LINE, SERVER, SLUG, URL, read_password
from crmtenant.cli.root import Context, _explained
from crmtenant.errors import OperatorError

Words = tuple[str, ...]

#: What takes something away that nothing brings back, or puts people off; each asks first.
DESTRUCTIVE = {
    ("catalog", "recover"),
    ("company", "delete"),
    ("company", "purge"),
    ("company", "undo-restore"),
    ("fleet", "account", "remove"),
    ("migrate", "back"),
    ("move",),
    ("restore",),
    ("server", "drain"),
    ("server", "remove"),
}
ODD = ["", " ", "\t", "x\ny", "\x1b[31mred", "x" * 5000, "\0", "\x7f", "\u0085", "\udcff"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def _walk(command: click.Command, *path: str) -> Iterator[tuple[Words, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        for name, one in sorted(command.commands.items()):
            yield from _walk(one, *path, name)


@cache
def _commands() -> dict[Words, click.Command]:
    """Every command and group, by how it is written."""
    return dict(_walk(main))


def _parameters() -> Iterator[tuple[str, click.Parameter]]:
    for path, command in _commands().items():
        for param in command.params:
            if not getattr(param, "is_flag", False):
                yield " ".join((*path, param.opts[0])), param


def test_the_commands_are_known() -> None:
    assert _commands().keys() >= DESTRUCTIVE
    assert len(_commands()) > len(DESTRUCTIVE)


@pytest.mark.parametrize("param", [pytest.param(param, id=name) for name, param in _parameters()])
def test_what_is_given_has_limits_everywhere(param: click.Parameter) -> None:
    context = click.Context(main)
    for value in ODD:
        with pytest.raises(click.BadParameter) as refused:
            param.type.convert(value, param, context)
        # Nothing of it reaches the terminal that a terminal would obey.
        assert not _CONTROL.search(refused.value.format_message())


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        (LINE, "  North & West ", "North & West"),
        (LINE, "x" * 200, "x" * 200),
        (COMPANY, "north-wind", "north-wind"),
        (COMPANY, "c_abcdefghijklmnopqrstuvwxyz", "c_abcdefghijklmnopqrstuvwxyz"),
        (COMPANY, "_catalog", "_catalog"),
        (SERVER, "berlin2", "berlin2"),
        (SLUG, "north-wind", "north-wind"),
        (HOST_AND_PORT, "db1.internal:5432", "db1.internal:5432"),
        (HOST_AND_PORT, "[fd00::1]:5432", "[fd00::1]:5432"),
        (URL, "postgresql+psycopg2://crm@10.0.0.12:5432/postgres", "postgresql+psycopg2://crm@10.0.0.12:5432/postgres"),
    ],
)  # fmt: skip
def test_what_is_right_is_taken(kind: click.ParamType, given: str, kept: str) -> None:
    assert kind.convert(given, None, None) == kept


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (LINE, "x" * 201),
        (COMPANY, "North Wind"),
        (SERVER, "Berlin"),
        (SLUG, "a--b"),
        (SLUG, "x" * 61),
        (EMAIL, "nonsense"),
        (HOST_AND_PORT, "db1.internal"),
        (URL, "postgresql+psycopg2://a b@c"),
    ],
)
def test_what_is_wrong_is_refused(kind: click.ParamType, given: str) -> None:
    with pytest.raises(click.BadParameter):
        kind.convert(given, None, None)


def test_an_address_has_one_spelling() -> None:
    assert EMAIL.convert("Anna@Example.COM", None, None).key == "anna@example.com"


def _options(command: click.Command) -> set[str]:
    return {option for param in command.params for option in param.opts}


@pytest.mark.parametrize("path", _commands(), ids=" ".join)
def test_whoever_destroys_asks_and_can_be_told_not_to(path: Words) -> None:
    assert ("--yes" in _options(_commands()[path])) == (path in DESTRUCTIVE)


@pytest.mark.parametrize("path", [path for path in _commands() if path], ids=" ".join)
def test_who_answers_answers_programs_too(path: Words) -> None:
    command = _commands()[path]
    is_running = path == ("worker",)
    is_only_a_group = isinstance(command, click.Group) and not command.invoke_without_command
    assert ("--json" in _options(command)) == (not is_running and not is_only_a_group)


def _examples() -> Iterator[tuple[Words, str]]:
    for path, command in _commands().items():
        for line in (command.epilog or "").splitlines():
            if "crmtenant " in line:
                yield path, line.strip()


def _typed(line: str) -> list[str]:
    """What of the line the shell gives to our command; a comment stands two blanks behind it."""
    command = line[line.index("crmtenant ") :].partition(" | ")[0].partition(" > ")[0]
    words = shlex.split(re.split(r"\s{2,}", command)[0])[1:]
    return [
        {"...": "postgresql+psycopg2://crm@db/postgres", "Q2x0ZXN0...": "Q2x0"}.get(word, word)
        for word in words
    ]


@pytest.mark.parametrize(
    ("path", "line"), [pytest.param(path, line, id=f"{' '.join(path)}: {line}") for path, line in _examples()]
)
def test_examples_can_be_typed(path: Words, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come as far as the settings, with words that the commands know."""
    reached = []

    def stop(_: object) -> None:
        reached.append(True)
        raise OperatorError("far enough")

    monkeypatch.setattr(Context, "settings", stop)
    words = _typed(line.replace("--email ...", "--email anna@example.com"))
    # These need no settings.
    monkeypatch.setattr(sys.modules["crmtenant.cli.deploy"], "write_deployment", lambda *_, **__: stop(None))
    monkeypatch.setattr(sys.modules["crmtenant.cli.receipts"], "_key_in", stop)
    result = CliRunner().invoke(main, words, input="seven green umbrellas\n" * 2)
    assert result.exit_code == 1, result.output
    assert reached, result.output


def test_every_command_has_an_example() -> None:
    assert {path for path, _ in _examples()} == _commands().keys()


def test_a_password_that_is_no_text_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\xff\xfe\n")
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as piped:
        monkeypatch.setattr("sys.stdin", piped)
        with pytest.raises(OperatorError, match="not UTF-8"):
            read_password("Password", is_piped=True)


def _named(name: str) -> OSError:
    return OSError(2, "No such file or directory", name)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (OperatorError("There is no company x."), "There is no company x."),
        (_named("x.json"), "x.json: No such file or directory."),
        (psycopg2.OperationalError("server closed\nthe connection"), "The database cannot be used at the moment: server closed"),
        (BrokenPipeError(), None),
        (ValueError("a fault of ours"), None),
    ],
)  # fmt: skip
def test_what_is_no_fault_of_ours_is_told_in_a_sentence(problem: Exception, text: str | None) -> None:
    assert _explained(problem) == text
