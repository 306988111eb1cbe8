"""The command `crmtenant doctor`, given to an installation of the tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from crmtenant.cli import main
from crmtenant.cli.root import Context
from crmtenant.db.admin.inspection import ServerFacts, examine
from crmtenant.db.pool.address import ServerAddress
from crmtenant.services.doctor.checks.databases import TemplateSchema, template_schema
from crmtenant.services.doctor.server_state import ServerState
from tests.integration.installation import Installation

Doctor = Callable[..., list[tuple[str, str]]]


def examined(server: ServerAddress) -> ServerFacts:
    """What the server says, less the directories that belong to no database."""
    facts = examine(server)
    return facts if facts.orphans is None else replace(facts, orphans=0)


#: by where they are and whose
_templates: dict[tuple[ServerAddress, str], TemplateSchema] = {}


def known_template(state: ServerState) -> TemplateSchema:
    """The schema that a new company gets, read from a copy of the template once: no test changes the template."""
    key = state.server.address, state.names.catalog
    if key not in _templates:
        _templates[key] = template_schema(state)
    return _templates[key]


def doctor_of(installation: Installation, backups: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """What finds, for the arguments of the command, each check that has something to say, and about what; without
    notes. `code` is the exit code it has to have."""
    operations = installation.operations(backups)

    @contextmanager
    def opened(_: Context) -> Iterator[Any]:
        yield SimpleNamespace(operations=operations, settings=SimpleNamespace(spares=1))

    monkeypatch.setattr(Context, "platform", opened)

    def run(*arguments: str, code: int | None = None) -> list[tuple[str, str]]:
        with capture_logs():
            result = CliRunner().invoke(main, ["doctor", "--json", *arguments])
        assert code is None or result.exit_code == code, result.output
        return [
            (one["check"], one["about"]) for one in json.loads(result.stdout) if one["severity"] != "note"
        ]

    return run


def change_tenant(installation: Installation, change: str) -> None:
    """Change the companies' rows of the catalog, by the SET of an UPDATE."""
    installation.do(f"UPDATE tenant SET {change}", database=installation.names.catalog)
