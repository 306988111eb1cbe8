"""Wrong settings stop the start with an error message."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from crmtenant.errors import SettingsError
from crmtenant.settings import Settings, read_settings

_INI = Path(__file__).parents[2] / "development.ini"


def _settings(**changes: int) -> Settings:
    ini = configparser.RawConfigParser(interpolation=None)
    ini.read(_INI, encoding="utf-8")
    return read_settings(
        {**ini["app:main"], **{f"crmtenant.{name}": str(value) for name, value in changes.items()}}, {}
    )


def test_one_company_may_use_the_whole_budget() -> None:
    assert _settings(connection_budget=10, connections_per_tenant=10).connections_per_tenant == 10


def test_one_company_may_not_have_more_connections_than_there_are() -> None:
    with pytest.raises(SettingsError) as caught:
        _settings(connection_budget=10, connections_per_tenant=11)
    assert str(caught.value) == (
        "crmtenant.connections_per_tenant: expected at most crmtenant.connection_budget, which is 10, got 11"
    )


def test_a_malformed_budget_is_told_once() -> None:
    with pytest.raises(SettingsError) as caught:
        _settings(connection_budget=1, connections_per_tenant=11)
    assert str(caught.value) == "crmtenant.connection_budget: expected a number from 4 to 10000, got '1'"
