"""What each of several processes may have."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bench.ground import settings_for
from crmtenant.errors import SettingsError
from crmtenant.platform.division import MOST_IN_BACKGROUND, divide, most_processes
from crmtenant.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(
        settings_for(tmp_path),
        connection_budget=200,
        connections_per_tenant=8,
        simultaneous_connects=2,
        password_hash_parallel=3,
    )


@pytest.mark.parametrize("processes", [2, 3, 7, 20])
@pytest.mark.parametrize("has_background", [False, True])
def test_all_together_have_no_more_connections_than_one(
    settings: Settings, processes: int, has_background: bool
) -> None:
    parts = divide(settings, processes, 4, has_background=has_background)
    assert processes * parts.serving.connections + parts.background.connections <= 200
    assert parts.serving.connections >= 8
    assert (parts.background.connections > 0) is has_background


def test_what_is_done_at_the_same_time_is_divided_but_not_away(settings: Settings) -> None:
    two, many = (divide(settings, count, 4, has_background=False).serving for count in (2, 16))
    assert (two.per_company, two.connecting, two.hashing) == (4, 1, 2)
    # A company's requests have half the threads, and two connections each.
    assert (many.per_company, many.connecting, many.hashing) == (4, 1, 1)


def test_too_few_connections_are_told_with_how_many_it_takes(settings: Settings) -> None:
    few = replace(settings, connection_budget=48)
    with pytest.raises(SettingsError) as caught:
        divide(few, 8, 4, has_background=True)
    assert str(caught.value) == (
        "crmtenant.connection_budget: 48 is too little for 8 processes of 4 threads; expected at least 80,"
        " or fewer workers"
    )
    divide(replace(few, connection_budget=80), 8, 4, has_background=True)


def test_as_many_processes_as_there_are_connections_for(settings: Settings) -> None:
    assert most_processes(settings, 4, has_background=False) == 25
    most = most_processes(settings, 4, has_background=True)
    assert most == (200 - MOST_IN_BACKGROUND) // 8
    assert divide(settings, most, 4, has_background=True)
    assert most_processes(replace(settings, connection_budget=4), 4, has_background=True) == 1
