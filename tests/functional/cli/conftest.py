"""Commands on the installation of the functional tests."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from crmtenant.cli import main, root
from crmtenant.platform import Platform
from tests.answers import assert_speaks_as_the_api

Run = Callable[..., Result]


class StayingOpen:
    """The platform of the tests, which commands do not close."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform

    def __getattr__(self, name: str) -> Any:
        return getattr(self._platform, name)

    def close(self) -> None:
        """Do nothing."""


@pytest.fixture
def run(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command, which has to end with `code`."""
    monkeypatch.setattr(root.Context, "settings", lambda _: platform.settings)
    # It would make the logs of all later tests quiet.
    monkeypatch.setattr(root, "configure_logs", lambda *_, **__: None)
    monkeypatch.setattr(root, "Platform", SimpleNamespace(open=lambda _: StayingOpen(platform)))

    def run(*arguments: str, typed: str | None = None, code: int = 0) -> Result:
        with capture_logs():
            result = CliRunner().invoke(main, arguments, input=typed)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        if "--json" in arguments and result.stdout:
            assert_speaks_as_the_api(result.stdout)
        return result

    return run
