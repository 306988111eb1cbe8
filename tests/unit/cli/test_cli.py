"""The operators' command: what it prints and how it fails. None of this needs a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from crmtenant.cli import main
from tests.unit.api.looking import openapi_document, surface

INI = str(Path(__file__).parents[3] / "development.ini")


def run(*arguments: str, env: dict[str, str] | None = None) -> Result:
    """What the command did."""
    return CliRunner().invoke(main, arguments, env={"CRMTENANT_CONFIG": INI, **(env or {})})


def test_help_shows_examples() -> None:
    result = run("--help")
    assert result.exit_code == 0
    assert "crmtenant openapi --output" in result.output
    assert "CRMTENANT_CONFIG" in result.output


def _commands(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command that does something, as it is written."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from _commands(command, *path, name)
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", list(_commands(main)), ids=" ".join)
def test_every_command_takes_json_and_shows_examples(command: tuple[str, ...]) -> None:
    shown = run(*command, "--help").output
    assert "Examples:" in shown
    # One writes JSON anyway, the other never comes to an answer.
    if command not in {("openapi",), ("worker",)}:
        assert "--json" in shown
    assert run(*command, "--json", "--no-such-option").exit_code == 2


def test_views_are_listed_with_their_source() -> None:
    result = run("views")
    assert result.exit_code == 0
    (line,) = (line for line in result.output.splitlines() if line.startswith("/api/contacts/bulk "))
    path, method, name, permission, context, source = line.split()
    assert (path, method, name) == ("/api/contacts/bulk", "POST", "bulk")
    assert (permission, context) == ("contact:write", "ContactCollection")
    file, _, number = source.partition(":")
    written = (Path(INI).parent / file).read_text(encoding="utf-8").splitlines()
    assert written[int(number) - 1].strip().startswith("def bulk(")


def test_views_are_listed_as_json() -> None:
    rows: list[dict[str, Any]] = json.loads(run("views", "--json").output)
    assert len(rows) == len(surface())
    assert {"path", "method", "name", "permission", "context", "source"} == rows[0].keys()


def test_the_document_is_printed_or_written(tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    assert json.loads(run("openapi").output) == json.loads(json.dumps(openapi_document()))
    assert run("openapi", "--output", str(file)).output == ""
    assert file.read_text(encoding="utf-8") == run("openapi").output


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "There is no file"),
        ("no ini file", "cannot be read"),
        ("[server:main]\nuse = egg:crmtenant\n", "cannot be read"),
        ("[app:main]\nuse = egg:crmtenant\ncrmtenant.dmeo = true\n", "crmtenant.dmeo: unknown setting"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, content: str | None, said: str) -> None:
    ini = tmp_path / "broken.ini"
    if content is not None:
        ini.write_text(content, encoding="utf-8")
    result = run("--config", str(ini), "views")
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_directory_that_is_not_there_is_told_in_a_sentence(tmp_path: Path) -> None:
    result = run("openapi", "--output", str(tmp_path / "missing" / "openapi.json"))
    assert result.exit_code == 1
    assert "No such file or directory" in result.output


@pytest.mark.parametrize("arguments", [["nonsense"], ["views", "--nonsense"]])
def test_wrong_usage_has_exit_code_two(arguments: list[str]) -> None:
    assert run(*arguments).exit_code == 2


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    result = run("--debug", "--config", str(tmp_path / "missing.ini"), "views")
    assert type(result.exception).__name__ == "OperatorError"
