"""What takes too long to be tried whole in every run is tried in part: each run's random seed chooses another part.

`CRMTENANT_TORTURE` tries all of it, and so does naming nothing but tests on the command line (`FILE::TEST`).
"""

from __future__ import annotations

import os
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any

import pytest

IS_TORTURE = "CRMTENANT_TORTURE" in os.environ

Sample = Callable[[Collection[Any], int], list[Any]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sampled(count): so many of the test's parameters are tried in a run")


def seed_of(config: pytest.Config) -> int:
    """The seed of the run, the same in each of its workers."""
    return int(config.getoption("randomly_seed", 0))


def is_whole(config: pytest.Config) -> bool:
    """Whether nothing is left out."""
    return IS_TORTURE or all("::" in argument for argument in config.args)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what this run does not try."""
    if is_whole(config):
        return
    left_out = set(_left_out(items, seed_of(config)))
    if left_out:
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]


def _left_out(items: list[pytest.Item], seed: int) -> Iterator[pytest.Item]:
    tests: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("sampled"):
            tests[f"{_file(item)} {getattr(item, 'originalname', item.name)}"].append(item)
    for name, found in tests.items():
        mark = found[0].get_closest_marker("sampled")
        assert mark is not None
        found.sort(key=lambda item: item.name)
        chosen = random.Random(f"{seed} {name}").sample(found, min(mark.args[0], len(found)))
        yield from set(found) - set(chosen)


def _file(item: pytest.Item) -> str:
    # Of the whole id the group of xdist would be a part, where there are workers.
    return item.nodeid.partition("::")[0]


@pytest.fixture
def chance(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers of this test in this run."""
    return random.Random(f"{seed_of(request.config)} {_file(request.node)} {request.node.name}")


@pytest.fixture
def sample(request: pytest.FixtureRequest, chance: random.Random) -> Sample:
    """Chooses so many of these values for this test, in their order; all of them where nothing is left out."""

    def choose(values: Collection[Any], count: int) -> list[Any]:
        found = list(values)
        if is_whole(request.config) or count >= len(found):
            return found
        return [found[number] for number in sorted(chance.sample(range(len(found)), count))]

    return choose


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how the same order and the same parts are tried again."""
    terminalreporter.write_line(f"Random seed: repeat with --randomly-seed={seed_of(config)}")
